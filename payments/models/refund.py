from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.states import MovesByTable, Transitions
from payments.states import REFUND_MOVES, RefundState


class RefundQuerySet(models.QuerySet["Refund"]):
    """The words for sets of refunds."""

    def pending(self) -> RefundQuerySet:
        return self.filter(state=RefundState.PENDING)

    def failed(self) -> RefundQuerySet:
        """For operations: the card did not take it, so the money lies on the buyer's balance."""
        return self.filter(state=RefundState.FAILED)


class Refund(MovesByTable, models.Model):
    """Money on its way back: ``amount = card + balance``, minor units, booked when it was decided.

    ``line`` is what of the order was paid back; a surplus payment was for none of it. ``payment`` is the
    session whose payment the card part goes back to. A balance part is back at once.
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

    def __str__(self) -> str:
        return f"refund of {self.amount} for {self.order}"
