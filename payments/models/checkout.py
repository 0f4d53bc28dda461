from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.states import MovesByTable, Transitions
from payments.rules import CHECKOUT_GRACE
from payments.states import CHECKOUT_MOVES, PAYABLE, CheckoutState, OrderState

# Those that are not written like other words (source: Stripe, ``payment_method_details.card.brand``).
_BRANDS = {
    "amex": "American Express", "diners": "Diners Club", "eftpos_au": "eftpos", "jcb": "JCB",
    "unionpay": "UnionPay", "unknown": "card",
}  # fmt: skip


class CheckoutSessionQuerySet(models.QuerySet["CheckoutSession"]):
    """The words for sets of sessions."""

    def payable(self) -> CheckoutSessionQuerySet:
        return self.filter(state__in=sorted(PAYABLE))

    def to_close(self, now: datetime) -> CheckoutSessionQuerySet:
        """Those whose end has come though nobody told us, and those of orders not to be paid any more."""
        has_ended = Q(expires_at__lte=now - CHECKOUT_GRACE)
        return self.payable().filter(has_ended | ~Q(order__state=OrderState.OPEN))

    def without_fee(self) -> CheckoutSessionQuerySet:
        """Paid, but Stripe had not said yet what it kept for itself."""
        return self.filter(state=CheckoutState.PAID, fee__isnull=True)


class CheckoutSession(MovesByTable, models.Model):
    """One try to have an order paid at Stripe: the mirror of a Checkout Session, and the payment it brought.

    ``expires_at`` is frozen with the intent. ``surplus``: the order had been paid before, so this payment
    only waits to go back. ``fee`` is Stripe's own, null until it is known. ``card_brand`` and
    ``card_last4`` are what may be known of the card; another way to pay is named as brand, without digits.
    """

    TRANSITIONS: ClassVar[Transitions] = CHECKOUT_MOVES

    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="checkouts")
    attempt = models.PositiveIntegerField()
    operation = models.OneToOneField(
        "stripe_integration.StripeOperation", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=CheckoutState.choices, default=CheckoutState.OPENING, editable=False
    )
    stripe_id = models.CharField(max_length=255, blank=True)
    url = models.TextField(blank=True)
    expires_at = models.DateTimeField()
    payment_intent = models.CharField(max_length=255, blank=True)
    charge = models.CharField(max_length=255, blank=True)
    card_brand = models.CharField(max_length=30, blank=True, db_default="")
    card_last4 = models.CharField(max_length=4, blank=True, db_default="")
    fee = models.BigIntegerField(null=True)
    surplus = models.BooleanField(default=False)
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[CheckoutSessionQuerySet] = CheckoutSessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="checkout_state", condition=Q(state__in=sorted(CheckoutState.values))
            ),
            models.UniqueConstraint(name="checkout_attempt_once", fields=["order", "attempt"]),
            models.UniqueConstraint(
                name="checkout_one_payable", fields=["order"], condition=Q(state__in=sorted(PAYABLE))
            ),
            models.UniqueConstraint(
                name="checkout_one_payment",
                fields=["order"],
                condition=Q(state=CheckoutState.PAID, surplus=False),
            ),
            models.UniqueConstraint(
                name="checkout_stripe_id_once", fields=["stripe_id"], condition=~Q(stripe_id="")
            ),
            models.CheckConstraint(
                name="checkout_paid_pair",
                condition=Q(state=CheckoutState.PAID, paid_at__isnull=False)
                | (~Q(state=CheckoutState.PAID) & Q(paid_at__isnull=True)),
            ),
        ]
        indexes = [
            # Stripe names a payment so where it is disputed.
            models.Index(name="checkout_intent", fields=["payment_intent"], condition=~Q(payment_intent="")),
        ]

    def __str__(self) -> str:
        return self.stripe_id or f"attempt {self.attempt} of {self.order}"

    @property
    def method(self) -> str:
        """How it was paid, as people say it: ``Visa ending 4242``, ``Link``; ``card`` if nothing is known."""
        brand = _BRANDS.get(self.card_brand, self.card_brand.replace("_", " ").capitalize()) or "card"
        return f"{brand} ending {self.card_last4}" if self.card_last4 else brand

    @property
    def is_payable(self) -> bool:
        return self.state in PAYABLE

    def counts_as_closed(self, now: datetime) -> bool:
        """Whether its time is so far over that no answer of Stripe's is needed."""
        return now >= self.expires_at + CHECKOUT_GRACE
