"""How the money of orders and of their lines stands, in the words people see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.money import Money, smallest_step, split
from payments.models import Order, OrderLine


class Amounts(NamedTuple):
    """``kept + goodwill = coach_share + platform_fee + tax``, always: the tax in what is kept."""

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
    return _sum(order.lines.all(), order.currency)


def line_amounts(line: OrderLine) -> Amounts:
    """Of one line of an order, a part of the whole."""
    return _sum([line], line.order.currency)


def card_parts(order: Order) -> dict[int, int]:
    """Minor units of what the card is asked for, by line. Reads its lines."""
    lines = sorted(order.lines.all(), key=lambda line: line.pk)
    parts = split(order.card, [line.to_pay for line in lines], smallest_step(order.currency))
    return {line.pk: part for line, part in zip(lines, parts, strict=True)}


def amounts_of(source: str) -> Amounts | None:
    """Of what a seller calls ``source``; None where nothing of the kind was sold."""
    line = OrderLine.objects.select_related("order").filter(source=source).first()
    return line_amounts(line) if line else None


def _sum(lines: Iterable[OrderLine], currency: str) -> Amounts:
    rows = [
        (
            line.paid,
            line.tax_kept,
            line.refunded,
            line.lost,
            line.kept,
            line.goodwill,
            line.share,
            line.fee,
        )
        for line in lines
    ]
    return Amounts(*(Money(sum(column), currency) for column in zip(*rows, strict=True)))
