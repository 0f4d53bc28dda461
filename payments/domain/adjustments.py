"""Balances that operations give by hand, for an order that went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from core.audit import record
from core.errors import ForbiddenError, InvalidError, NotFoundError
from core.money import Money
from core.templatetags.formats import money
from payments.domain.balances import compensate
from payments.domain.second_person import Seconded, refuse_alone
from payments.models import Adjustment, Order

if TYPE_CHECKING:
    from accounts.models import User


def adjusted(order: Order) -> int:
    """Minor units that were given for an order so far."""
    total: int | None = order.adjustments.aggregate(total=Sum("amount"))["total"]
    return total or 0


@transaction.atomic
def adjust(
    order_id: UUID,
    amount: Money,
    *,
    by: User,
    reason: str,
    now: datetime,
    seconded: Seconded | None = None,
) -> Adjustment:
    """Put ``amount`` on the balance of an order's buyer, paid by the platform. Each call gives.

    Raises:
        NotFoundError: there is no such paid order, or this person does not work for operations.
        ForbiddenError: his own order.
        InvalidError: nothing, another currency, or altogether more than was paid.
        SecondPersonNeededError, ChangedSinceError: see ``refuse_alone``.
    """
    order = Order.objects.paid().select_for_update(of=("self",)).select_related("buyer").filter(pk=order_id)
    found = order.first()
    if found is None or not by.is_staff:
        raise NotFoundError
    if found.buyer_id in {by.pk, seconded.by.pk if seconded else None}:
        raise ForbiddenError("Nobody decides about his own order.")
    before = adjusted(found)
    if amount.currency != found.currency or not 0 < amount.minor <= found.paid - before:
        most = money(Money(found.paid - before, found.currency))
        raise InvalidError(fields={"amount": [f"More than nothing, and at most what was paid: {most}."]})
    refuse_alone(found, amount, by=by, seconded=seconded, before=before)
    return _give(found, amount, by=by, reason=reason, seconded=seconded, now=now)


def _give(
    order: Order, amount: Money, *, by: User, reason: str, seconded: Seconded | None, now: datetime
) -> Adjustment:
    adjustment = Adjustment.objects.create(
        order=order,
        amount=amount.minor,
        reason=reason,
        by=by,
        seconded_by=seconded.by if seconded else None,
        made_at=now,
    )
    source = f"adjustment:{adjustment.pk}"
    compensate(order.buyer, amount.minor, currency=amount.currency, source=source, now=now)
    record("order.adjusted", order, by=by, now=now, reason=reason)
    return adjustment
