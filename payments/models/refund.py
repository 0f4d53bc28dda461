from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from core.money import Money
from core.states import MovesByTable, Transitions
from payments.models.dispute import Dispute
from payments.states import REFUND_MOVES, RefundState


class RefundQuerySet(models.QuerySet["Refund"]):
    """The words for sets of refunds."""

    def pending(self) -> RefundQuerySet:
        return self.filter(state=RefundState.PENDING)

    def failed(self) -> RefundQuerySet:
        """For operations: the card did not take it, so the money lies on the buyer's balance."""
        return self.filter(state=RefundState.FAILED)

    def awaiting_verdict(self) -> RefundQuerySet:
        """Booked, but Stripe does not send it, or it came back, while a bank disputes the payment."""
        return self.filter(awaits_verdict=True)

    def to_ask_again(self, now: datetime) -> RefundQuerySet:
        """Stripe said that the payment is disputed, and as far as we know it is not, or not any more."""
        disputed = Dispute.objects.charged_back().filter(payment=OuterRef("payment"))
        waiting = self.awaiting_verdict().pending().filter(retry_at__lte=now)
        return waiting.exclude(Exists(disputed))


class Refund(MovesByTable, models.Model):
    """Money on its way back: ``amount = card + balance``, minor units, booked when it was decided.

    ``line`` is what of the order was paid back; a surplus payment was for none of it. ``payment`` is the
    session whose payment the card part goes back to. A balance part is back at once.

    While ``awaits_verdict`` its card part waits for a bank to decide a dispute of the payment: what the bank
    then gave the buyer itself is ``by_bank``, and only the rest is sent. ``attempt`` grows with every refusal
    for that reason.
    """

    TRANSITIONS: ClassVar[Transitions] = REFUND_MOVES

    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="refunds")
    line = models.ForeignKey(
        "payments.OrderLine", null=True, on_delete=models.PROTECT, related_name="refunds"
    )
    payment = models.ForeignKey(
        "payments.CheckoutSession", null=True, on_delete=models.PROTECT, related_name="refunds"
    )
    amount = models.BigIntegerField()
    card = models.BigIntegerField()
    balance = models.BigIntegerField()
    state = models.CharField(
        max_length=10, choices=RefundState.choices, default=RefundState.PENDING, editable=False
    )
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    operation = models.OneToOneField(
        "stripe_integration.StripeOperation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    stripe_id = models.CharField(max_length=255, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    attempt = models.PositiveIntegerField(default=1, db_default=1)
    awaits_verdict = models.BooleanField(default=False, db_default=False)
    by_bank = models.BigIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[RefundQuerySet] = RefundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="refund_state", condition=Q(state__in=sorted(RefundState.values))),
            models.CheckConstraint(
                name="refund_parts_add_up",
                condition=Q(amount=F("card") + F("balance"), card__gte=0, balance__gte=0),
            ),
            models.CheckConstraint(
                name="refund_by_bank_is_of_the_card", condition=Q(by_bank__gte=0, by_bank__lte=F("card"))
            ),
            models.CheckConstraint(
                name="refund_to_a_card_has_a_payment", condition=Q(card=0) | Q(payment__isnull=False)
            ),
            models.UniqueConstraint(
                name="refund_stripe_id_once", fields=["stripe_id"], condition=~Q(stripe_id="")
            ),
            models.CheckConstraint(
                name="refund_settled_pair",
                condition=Q(state=RefundState.PENDING, settled_at__isnull=True)
                | (~Q(state=RefundState.PENDING) & Q(settled_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="refund_awaiting", fields=["payment"], condition=Q(awaits_verdict=True)),
        ]

    def __str__(self) -> str:
        return f"refund of {self.amount} for {self.order}"

    @property
    def total(self) -> Money:
        return Money(self.amount, self.order.currency)

    @property
    def to_send(self) -> int:
        """What of the card's part is ours to send."""
        return self.card - self.by_bank
