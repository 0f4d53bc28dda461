"""What each line a payee sold came to: the explanation of his share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from core.money import split
from payments.models import OrderLine


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


def earning_lines(sold: Iterable[OrderLine]) -> list[EarningLine]:
    """What each line came to; one query more than it takes to read ``OrderLine.objects.sold_by``."""
    lines = list(sold)
    prefetch_related_objects(lines, "order__lines")
    return [_explained(line) for line in lines]


def _explained(line: OrderLine) -> EarningLine:
    order = line.order
    lines = sorted(order.lines.all(), key=lambda each: each.pk)
    weights, place = [each.amount for each in lines], lines.index(line)
    refunded, lost, goodwill = (
        split(amount, weights)[place] for amount in (order.refunded, order.lost, order.goodwill)
    )
    return EarningLine(
        source=line.source,
        share=line.share_source,
        currency=order.currency,
        gross=line.share + line.fee + refunded + lost,
        refunded=refunded,
        lost=lost,
        goodwill=goodwill,
        fee=line.fee,
        net=line.share,
    )
