"""What each line a payee sold came to: the explanation of his share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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
    """What each line came to; no query more than it takes to read ``OrderLine.objects.sold_by``."""
    return [
        EarningLine(
            source=line.source,
            share=line.share_source,
            currency=line.order.currency,
            gross=line.share + line.fee + line.refunded + line.lost,
            refunded=line.refunded,
            lost=line.lost,
            goodwill=line.goodwill,
            fee=line.fee,
            net=line.share,
        )
        for line in sold
    ]
