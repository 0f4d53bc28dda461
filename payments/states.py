"""The lives of an order, of its Checkout Sessions and of its refunds: every legal move."""

from __future__ import annotations

from django.db import models


class OrderState(models.TextChoices):
    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.OPEN: frozenset({OrderState.PAID, OrderState.CLOSED}),
    # A late payment: the money came after the order was given up.
    OrderState.CLOSED: frozenset({OrderState.PAID}),
}


class CheckoutState(models.TextChoices):
    OPENING = "opening"
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    REFUSED = "refused"


C = CheckoutState

CHECKOUT_MOVES: dict[CheckoutState, frozenset[CheckoutState]] = {
    C.OPENING: frozenset({C.OPEN, C.PAID, C.EXPIRED, C.REFUSED}),
    C.OPEN: frozenset({C.PAID, C.EXPIRED}),
    # It counted as closed while Stripe could not be asked, and was paid after all.
    C.EXPIRED: frozenset({C.PAID}),
}

PAYABLE = frozenset({C.OPENING, C.OPEN})
"""Somebody may be paying it: an order has at most one of these."""


class RefundState(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


R = RefundState

REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    R.PENDING: frozenset({R.SUCCEEDED, R.FAILED}),
    # The bank sent it back.
    R.SUCCEEDED: frozenset({R.FAILED}),
}
