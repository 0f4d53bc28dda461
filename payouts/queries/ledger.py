"""Balances, read from the postings themselves."""

from __future__ import annotations

from django.db.models import Sum

from payouts.models import JournalEntry, Posting
from payouts.rules import PLATFORM, AccountKind


def balance(kind: AccountKind, owner: str = PLATFORM, *, currency: str) -> int:
    """Minor units on one account, debit positive: what we owe somebody is negative."""
    postings = Posting.objects.filter(account__kind=kind, account__owner=owner, account__currency=currency)
    total: int | None = postings.aggregate(total=Sum("amount"))["total"]
    return total or 0


def balances_by_kind(currency: str) -> dict[str, int]:
    """Minor units by kind of account, all owners together, debit positive; only kinds with postings."""
    postings = Posting.objects.filter(account__currency=currency)
    sums = postings.values_list("account__kind").annotate(Sum("amount")).order_by("account__kind")
    return dict(sums)


def entry_count() -> int:
    return JournalEntry.objects.count()
