"""Questions about what people gave back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from payments.models import Adjustment, Order, Refund

if TYPE_CHECKING:
    from accounts.models import User


def given_by(person: User, order: Order) -> int:
    """Minor units that this person has given away for an order so far, by refunds and adjustments."""
    given = (
        Refund.objects.filter(order=order, by=person).aggregate(total=Sum("amount"))["total"],
        Adjustment.objects.filter(order=order, by=person).aggregate(total=Sum("amount"))["total"],
    )
    return sum(total or 0 for total in given)
