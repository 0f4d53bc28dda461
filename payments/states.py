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


class PaperKind(models.TextChoices):
    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"

    @property
    def prefix(self) -> str:
        """What its number begins with."""
        return {PaperKind.INVOICE: "INV", PaperKind.CREDIT_NOTE: "CN"}[self]


class DisputeState(models.TextChoices):
    """Stripe's own words. A ``warning`` is an inquiry: the bank asks and takes no money."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


D = DisputeState

_VERDICTS = frozenset({D.WON, D.LOST, D.PREVENTED})
_CHARGEBACK = frozenset({D.NEEDS_RESPONSE, D.UNDER_REVIEW}) | _VERDICTS

DISPUTE_MOVES: dict[DisputeState, frozenset[DisputeState]] = {
    D.WARNING_NEEDS_RESPONSE: frozenset({D.WARNING_UNDER_REVIEW, D.WARNING_CLOSED}) | _CHARGEBACK,
    D.WARNING_UNDER_REVIEW: frozenset({D.WARNING_CLOSED}) | _CHARGEBACK,
    # The bank was not content with the answer after all.
    D.WARNING_CLOSED: _CHARGEBACK,
    D.NEEDS_RESPONSE: frozenset({D.UNDER_REVIEW}) | _VERDICTS,
    D.UNDER_REVIEW: _VERDICTS,
}

CHARGED_BACK = frozenset({D.NEEDS_RESPONSE, D.UNDER_REVIEW})
"""The bank has taken the money and has not decided."""
ANSWERABLE = frozenset({D.WARNING_NEEDS_RESPONSE, D.NEEDS_RESPONSE})
"""The bank waits for our side."""
UNDECIDED = CHARGED_BACK | {D.WARNING_NEEDS_RESPONSE, D.WARNING_UNDER_REVIEW}


class FraudWarningState(models.TextChoices):
    ACTIONABLE = "actionable"
    OVER = "over"


FRAUD_WARNING_MOVES: dict[FraudWarningState, frozenset[FraudWarningState]] = {
    # Refunded or disputed: there is nothing left to forestall.
    FraudWarningState.ACTIONABLE: frozenset({FraudWarningState.OVER}),
}
