from payouts.models.ledger import JournalEntry, LedgerAccount, Posting
from payouts.models.payee import Payee
from payouts.models.payout import Payout, PayoutLine
from payouts.models.release import Netting, Release, Reversal, Transfer
from payouts.models.share import Share, ShareHold

__all__ = [
    "JournalEntry",
    "LedgerAccount",
    "Netting",
    "Payee",
    "Payout",
    "PayoutLine",
    "Posting",
    "Release",
    "Reversal",
    "Share",
    "ShareHold",
    "Transfer",
]
