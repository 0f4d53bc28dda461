"""How an order's money stands, in the words people see."""

from __future__ import annotations

from typing import NamedTuple

from core.money import Money
from payments.models import Order


class Amounts(NamedTuple):
    """``kept + goodwill = coach_share + platform_fee``, always."""

    paid: Money
    tax: Money
    refunded: Money
    lost: Money
    kept: Money
    goodwill: Money
    coach_share: Money
    platform_fee: Money


def amounts(order: Order) -> Amounts:
    """Of one order. Reads its lines: prefetch them for a list."""
    lines = order.lines.all()
    minor = (
        order.paid,
        sum(line.tax for line in lines),
        order.refunded,
        order.lost,
        order.kept,
        order.goodwill,
        sum(line.share for line in lines),
        sum(line.fee for line in lines),
    )
    return Amounts(*(Money(amount, order.currency) for amount in minor))


def amounts_of(subject: str) -> Amounts | None:
    """Of the order a seller calls ``subject``; None where there is none."""
    order = Order.objects.filter(subject=subject).prefetch_related("lines").first()
    return amounts(order) if order else None
