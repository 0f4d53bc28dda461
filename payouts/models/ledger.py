from __future__ import annotations

from django.db import models
from django.db.models import Q

from payouts.rules import AccountKey, AccountKind


class LedgerAccount(models.Model):
    """Where money lies or is owed: a kind, an owner and a currency. Never changed, never deleted."""

    kind = models.CharField(max_length=30, choices=AccountKind.choices)
    owner = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner", "currency"], name="ledger_account_once"),
            models.CheckConstraint(
                name="ledger_account_kind", condition=Q(kind__in=sorted(AccountKind.values))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner} in {self.currency}"

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind(self.kind), self.owner)


class JournalEntry(models.Model):
    """Something that happened to money, once per kind and source. Never changed, never deleted."""

    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="journal_entry_once")]
        # Everything about an order is found by its names, and by what they begin with.
        indexes = [
            models.Index(fields=["source"], name="journal_entry_source", opclasses=["text_pattern_ops"])
        ]
        verbose_name_plural = "journal entries"

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Posting(models.Model):
    """One leg of an entry: minor units on one account, debit positive. A trigger holds their sum at zero."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="postings")
    # The covering index below serves the foreign key too.
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="posting_moves_something", condition=~Q(amount=0))]
        # A balance is read from the index alone.
        indexes = [models.Index(fields=["account"], include=["amount"], name="posting_balance")]

    def __str__(self) -> str:
        return f"{self.amount:+} on {self.account}"
