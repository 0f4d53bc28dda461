"""Words of the ledger: which accounts there are, and which may never be overdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models


class AccountKind(models.TextChoices):
    STRIPE_PLATFORM = "stripe_platform"
    STRIPE_CONNECTED = "stripe_connected"
    STRIPE_FEES = "stripe_fees"
    PAYEE_HELD = "payee_held"
    PAYEE_AVAILABLE = "payee_available"
    PAYEE_IN_TRANSIT = "payee_in_transit"
    PAYEE_DEBT = "payee_debt"
    AFFILIATE_PENDING = "affiliate_pending"
    AFFILIATE_AVAILABLE = "affiliate_available"
    AFFILIATE_DEBT = "affiliate_debt"
    RECEIVABLE = "receivable"
    PLATFORM_REVENUE = "platform_revenue"
    GOODWILL = "goodwill"
    LOSSES = "losses"
    CUSTOMER_BALANCE = "customer_balance"
    UNUSED_CREDITS = "unused_credits"
    TAX_PAYABLE = "tax_payable"
    DISPUTE_SUSPENSE = "dispute_suspense"
    DEFERRED_REVENUE = "deferred_revenue"


NEVER_OVERDRAWN = frozenset(
    {
        AccountKind.PAYEE_HELD,
        AccountKind.PAYEE_IN_TRANSIT,
        AccountKind.UNUSED_CREDITS,
        AccountKind.CUSTOMER_BALANCE,
    }
)
"""What we owe somebody on these is never below zero (their sum of postings is never above it)."""

PLATFORM = "platform"


class AccountKey(NamedTuple):
    """An account of the ledger but for its currency. ``owner`` is an opaque string."""

    kind: AccountKind
    owner: str = PLATFORM

    @classmethod
    def of_payee(cls, kind: AccountKind, payee_id: int) -> AccountKey:
        """The account of a payee, ``payee:17``."""
        return cls(kind, f"payee:{payee_id}")


Legs = Mapping[AccountKey, int]
"""What an entry moves: minor units by account, debit positive; together they are zero."""


class Movement(models.TextChoices):
    """What an entry is to the payee whose money it moves."""

    EARNED = "earned", "Earned"
    FEE = "fee", "Fee changed"
    REFUND = "refund", "Refunded to candidates"
    DISPUTE = "dispute", "Lost in disputes"
    RELEASE = "release", "Released to your account"
    NETTING = "netting", "Kept for what you owed"
    REVERSAL = "reversal", "Taken back from your account"
    PAYOUT = "payout", "Paid out to your bank"
    OTHER = "other", "Other"


_MOVEMENTS = {
    "pay": Movement.EARNED,
    "rate": Movement.FEE,
    "refund": Movement.REFUND,
    "dispute_lost": Movement.DISPUTE,
    "release": Movement.RELEASE,
    "release_refused": Movement.RELEASE,
    "netting": Movement.NETTING,
    "reversal": Movement.REVERSAL,
    "payout": Movement.PAYOUT,
    "payout_paid": Movement.PAYOUT,
    "payout_unpaid": Movement.PAYOUT,
    "payout_returned": Movement.PAYOUT,
}


def movement_of(kind: str) -> Movement:
    """What entries of a kind are."""
    return _MOVEMENTS.get(kind, Movement.OTHER)
