"""What each line a payee sold came to: the explanation of his share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.money import split
from payments.models import OrderLine


class EarningLine(NamedTuple):
    """Minor units, without tax. ``gross`` includes the goodwill; ``gross − refunded − lost = fee + net``.

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
    """What each line came to; no query more than it takes to read ``OrderLine.objects.sold_by``."""
    return [_explained(line) for line in sold]


def _explained(line: OrderLine) -> EarningLine:
    refunded, lost = _without_tax(line)
    return EarningLine(
        source=line.source,
        share=line.share_source,
        currency=line.order.currency,
        gross=line.share + line.fee + refunded + lost,
        refunded=refunded,
        lost=lost,
        goodwill=line.goodwill,
        fee=line.fee,
        net=line.share,
    )


def _without_tax(line: OrderLine) -> tuple[int, int]:
    """What was refunded and lost, less the tax that went back with it: that never was the payee's."""
    gone = line.refunded, line.lost
    taxes = split(line.tax - line.tax_kept, gone) if any(gone) else gone
    return line.refunded - taxes[0], line.lost - taxes[1]
