from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from core.money import Money
from core.states import MovesByTable, Transitions
from payouts.states import ON_ITS_WAY, PAYOUT_MOVES, PayoutState


class PayoutQuerySet(models.QuerySet["Payout"]):
    """The words for sets of payouts."""

    def with_lines(self) -> PayoutQuerySet:
        return self.prefetch_related("lines__transfer__release")

    def paid(self) -> PayoutQuerySet:
        return self.filter(state=PayoutState.PAID)

    def to_invoice(self) -> PayoutQuerySet:
        """Those that arrived and whose lines are known, of payees who said who they are; not invoiced yet.

        Of one that was asked for by hand Stripe names none.
        """
        said = self.paid().filter(invoices=None, payee__tax_profile__isnull=False)
        return said.filter(Q(automatic=False) | Exists(PayoutLine.objects.filter(payout=OuterRef("pk"))))

    def newest_first(self) -> PayoutQuerySet:
        return self.order_by("-made_at", "-id")


class Payout(MovesByTable, models.Model):
    """What Stripe sent from a payee's account to his bank: a mirror, moved only by reading it there.

    One that is not ``automatic`` was asked for by hand, on Stripe's own pages: nobody says what is in it, so
    it has no lines, and the next automatic one lists it among its own.
    """

    TRANSITIONS: ClassVar[Transitions] = PAYOUT_MOVES

    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="payouts")
    stripe_id = models.CharField(max_length=100, unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=PayoutState.choices, default=PayoutState.PENDING)
    made_at = models.DateTimeField()
    arrives_on = models.DateField()
    paid_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    bank = models.CharField(max_length=100, blank=True, db_default="")
    automatic = models.BooleanField(default=True, db_default=True)

    objects: ClassVar[PayoutQuerySet] = PayoutQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="payout_state", condition=Q(state__in=sorted(PayoutState.values))),
        ]
        indexes = [models.Index(fields=["payee", "-made_at"], name="payout_newest")]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def is_on_its_way(self) -> bool:
        return self.state in ON_ITS_WAY

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)


class PayoutLine(models.Model):
    """A balance transaction inside a payout, net of fees: the payout is their sum.

    ``source`` is Stripe's id of what caused it: our transfer where one did (``transfer``, once it is on
    record), or the earlier payout that failed and whose money is in this one (``returned``).
    """

    BY_HAND: ClassVar[str] = "payout"
    """The kind of a line that takes out what was paid out by hand meanwhile."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="lines")
    stripe_id = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=100, blank=True)
    amount = models.BigIntegerField()
    transfer = models.ForeignKey(
        "payouts.Transfer", null=True, on_delete=models.PROTECT, related_name="lines"
    )
    returned = models.ForeignKey(Payout, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="payout_is_not_in_itself", condition=~Q(returned=F("payout"))),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount:+} in {self.payout}"
