from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from payouts.models.ledger import Posting
from payouts.models.payout import Payout
from payouts.rules import AccountKind
from payouts.states import PayoutState, TransfersStatus


class PayeeQuerySet(models.QuerySet["Payee"]):
    """The words for sets of payees."""

    def connected(self) -> PayeeQuerySet:
        """Those who have an account at Stripe."""
        return self.exclude(account="")

    def with_overdraft(self) -> PayeeQuerySet:
        """Each with what is missing on his account at Stripe as ``overdraft``; where nothing is, below 0."""
        owner = Concat(Value("payee:"), Cast(OuterRef("pk"), models.CharField()))
        available = Posting.objects.filter(
            account__kind=AccountKind.PAYEE_AVAILABLE,
            account__owner=owner,
            account__currency=OuterRef("currency"),
        )
        missing = available.values("account").values(missing=Sum("amount"))
        return self.annotate(overdraft=Coalesce(Subquery(missing), 0))

    def with_refused_payout(self) -> PayeeQuerySet:
        """Those whose newest payout came back."""
        payouts = Payout.objects.filter(payee=OuterRef("pk")).newest_first()
        newest = self.annotate(newest_payout=Subquery(payouts.values("state")[:1]))
        return newest.filter(newest_payout=PayoutState.FAILED)


class Payee(models.Model):
    """Somebody we owe money: a person with a connected account at Stripe, or one who has still to make it.

    ``transfers`` mirrors the capability without which no money may be sent; ``requirements`` are Stripe's
    words for what it still needs, by ``requirements_due_at`` at the latest. ``schedule`` is what Stripe
    was told about his payouts; ``bank`` (Stripe's id) and ``bank_label`` where they go, read once a bank
    refused one. ``zone`` is that of his statements, his own when he first earned something: a month that
    was stated once keeps its bounds wherever he moves.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payee")
    account = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    transfers = models.CharField(max_length=20, choices=TransfersStatus.choices, default=TransfersStatus.NONE)
    requirements = models.JSONField(default=list)
    requirements_due_at = models.DateTimeField(null=True)
    schedule = models.JSONField(null=True)
    bank = models.CharField(max_length=100, blank=True, db_default="")
    bank_label = models.CharField(max_length=120, blank=True, db_default="")
    zone = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField()
    synced_at = models.DateTimeField(null=True)

    objects: ClassVar[PayeeQuerySet] = PayeeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], name="payee_account_once", condition=~Q(account="")),
            models.CheckConstraint(
                name="payee_transfers", condition=Q(transfers__in=sorted(TransfersStatus.values))
            ),
        ]

    def __str__(self) -> str:
        return f"payee {self.user}"

    @property
    def can_receive(self) -> bool:
        """Whether Stripe lets us send money to this account."""
        return self.transfers == TransfersStatus.ACTIVE
