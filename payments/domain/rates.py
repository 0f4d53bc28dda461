"""The platform's rate: a guess until the seller's promise is made, then frozen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from payments.domain.pricing import reprice
from payments.models import Order
from payouts.domain import ledger


@transaction.atomic
def freeze_rate(order_id: UUID, rate_bp: int, *, now: datetime) -> Order:
    """Fix the rate of an order's lines, once; of a paid one the shares and fees follow if it differs.

    Belongs to the transaction of the promise: a booking confirmed, a package paid.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    frozen = order.lines.filter(rate_frozen_at__isnull=True).update(rate_bp=rate_bp, rate_frozen_at=now)
    if frozen and order.is_paid:
        legs = reprice(order, now=now)
        ledger.post("rate", f"order:{order.pk}", legs, currency=order.currency, now=now)
    return order
