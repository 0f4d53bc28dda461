"""Questions about disputes and about warnings of them."""

from __future__ import annotations

from payments.models import Dispute, FraudWarning
from payments.models.dispute import DisputeQuerySet, FraudWarningQuerySet


def open_disputes() -> DisputeQuerySet:
    """What no bank has decided yet, with order and buyer; what has to be answered soonest comes first."""
    return (
        Dispute.objects.undecided()
        .select_related("order__buyer", "payment", "operation")
        .order_by("due_by", "pk")
    )


def fraud_warnings() -> FraudWarningQuerySet:
    """Those that a refund may still forestall a dispute of, with order and buyer, the oldest first."""
    warnings = FraudWarning.objects.actionable().select_related("order__buyer", "payment")
    return warnings.order_by("warned_at", "pk")
