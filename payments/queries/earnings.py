"""What each line a payee sold came to: the explanation of his share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.money import split
from payments.models import Order, OrderLine
from payments.states import OrderState


class EarningLine(NamedTuple):
    """Minor units. ``gross`` includes the goodwill; ``gross − refunded − lost = fee + net``.

    ``source`` is the seller's word for what was sold, ``share`` the name of the share in payouts.
    """

    source: str
    share: str
    currency: str
    gross: int
    refunded: int
    lost: int
    goodwill: int
    fee: int
    net: int


def earning_lines(payee_id: int) -> list[EarningLine]:
    """Of all paid orders with this payee in them, newest first."""
    orders = (
        Order.objects.filter(state=OrderState.PAID, lines__payee=payee_id)
        .distinct()
        .order_by("-paid_at", "-pk")
        .prefetch_related("lines")
    )
    return [line for order in orders for line in _lines_of(order, payee_id)]


def _lines_of(order: Order, payee_id: int) -> Iterable[EarningLine]:
    lines = sorted(order.lines.all(), key=lambda line: line.pk)
    refunded, lost, goodwill = (
        _parts(amount, lines) for amount in (order.refunded, order.lost, order.goodwill)
    )
    for index, line in enumerate(lines):
        if line.payee_id == payee_id:
            yield EarningLine(
                source=line.source,
                share=line.share_source,
                currency=order.currency,
                gross=line.share + line.fee + refunded[index] + lost[index],
                refunded=refunded[index],
                lost=lost[index],
                goodwill=goodwill[index],
                fee=line.fee,
                net=line.share,
            )


def _parts(amount: int, lines: list[OrderLine]) -> list[int]:
    return split(amount, [line.amount for line in lines]) if amount else [0] * len(lines)
