"""What each line a payee sold came to: the explanation of his share."""

from __future__ import annotations

from typing import NamedTuple

from core.money import split
from payments.models import Dispute, OrderLine, Refund
from payments.models.order import OrderLineQuerySet, share_source


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


class _Columns(NamedTuple):
    """What of a line explains it."""

    pk: int
    source: str
    order__currency: str
    share: int
    fee: int
    refunded: int
    lost: int
    tax: int
    tax_kept: int
    goodwill: int


def earning_lines(sold: OrderLineQuerySet) -> list[EarningLine]:
    """What each line came to, in one query that makes no rows of them: there may be thousands."""
    return [_explained(_Columns(*columns)) for columns in sold.values_list(*_Columns._fields)]


def earning_line(line: OrderLine) -> EarningLine:
    """What one line came to; reads its order."""
    amounts = (getattr(line, name) for name in _Columns._fields[3:])
    return _explained(_Columns(line.pk, line.source, line.order.currency, *amounts))


def entry_sources(line: OrderLine) -> list[str]:
    """The sources of the ledger's entries that payments wrote about a line. Two queries."""
    refunds = Refund.objects.filter(line=line).values_list("pk", flat=True)
    disputes = Dispute.objects.filter(order=line.order_id).values_list("stripe_id", flat=True)
    return [
        f"order:{line.order_id}",
        line.share_source,
        *(f"refund:{pk}" for pk in refunds),
        *disputes,
    ]


def _explained(line: _Columns) -> EarningLine:
    refunded, lost = line.refunded, line.lost
    if line.tax != line.tax_kept and (refunded or lost):
        # The tax that went back with it never was the payee's.
        of_refunds, of_losses = split(line.tax - line.tax_kept, [refunded, lost])
        refunded, lost = refunded - of_refunds, lost - of_losses
    return EarningLine(
        source=line.source,
        share=share_source(line.pk),
        currency=line.order__currency,
        gross=line.share + line.fee + refunded + lost,
        refunded=refunded,
        lost=lost,
        goodwill=line.goodwill,
        fee=line.fee,
        net=line.share,
    )
