from payouts.models.difference import Comparison, Difference
from payouts.models.invoice import PayoutInvoice
from payouts.models.ledger import JournalEntry, LedgerAccount, Posting
from payouts.models.payee import Payee
from payouts.models.payout import Payout, PayoutLine
from payouts.models.release import Netting, Release, Reversal, Transfer
from payouts.models.share import Share, ShareHold
from payouts.models.tax_profile import TaxProfile

__all__ = [
    "Comparison",
    "Difference",
    "JournalEntry",
    "LedgerAccount",
    "Netting",
    "Payee",
    "Payout",
    "PayoutInvoice",
    "PayoutLine",
    "Posting",
    "Release",
    "Reversal",
    "Share",
    "ShareHold",
    "TaxProfile",
    "Transfer",
]
