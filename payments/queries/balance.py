"""What a person's balance came from and went to, read from the ledger itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from core.money import Money
from payments.models import Adjustment, CheckoutSession, OrderLine, Refund
from payments.queries.wares import Ware, wares
from payments.rules import balance_owner
from payouts.models import Posting
from payouts.rules import AccountKind

if TYPE_CHECKING:
    from accounts.models import User


_BY_HAND = "adjustment:"


@dataclass(frozen=True)
class Movement:
    """``amount`` came, or went where negative. ``why`` is the kind of the ledger's entry.

    What operations gave by hand is booked as a compensation, too, and told as an *adjustment*.
    """

    at: datetime
    why: str
    amount: Money
    ware: Ware


def postings_of(person: User, currency: str) -> QuerySet[Posting]:
    """What was posted to a person's balance, the latest first."""
    return (
        Posting.objects.filter(
            account__kind=AccountKind.CUSTOMER_BALANCE,
            account__owner=balance_owner(person.pk),
            account__currency=currency,
        )
        .select_related("entry")
        .order_by("-entry__occurred_at", "-pk")
    )


def movements(postings: Iterable[Posting], currency: str) -> list[Movement]:
    """The postings as movements, each with what it was about; as many queries for one as for a hundred."""
    rows = list(postings)
    about = _about([row.entry.source for row in rows])
    bought = wares(about.values())
    return [
        Movement(
            at=row.entry.occurred_at,
            why="adjustment" if row.entry.source.startswith(_BY_HAND) else row.entry.kind,
            # On the ledger what we owe somebody is negative.
            amount=Money(-row.amount, currency),
            ware=bought[about[row.entry.source]],
        )
        for row in rows
    ]


def _about(sources: list[str]) -> dict[str, str]:
    """What was sold behind each entry, source by source; a seller's own source stands for itself."""
    ids: dict[str, list[str]] = {"order": [], "refund": [], "checkout": [], "adjustment": []}
    for source in sources:
        noun, _, key = source.partition(":")
        if noun in ids:
            ids[noun].append(key)
    refunds = Refund.objects.filter(pk__in=ids["refund"]).values_list("pk", "order_id", "line__source")
    by_hand = Adjustment.objects.filter(pk__in=ids["adjustment"]).values_list("pk", "order_id")
    payments = CheckoutSession.objects.filter(pk__in=ids["checkout"]).values_list("pk", "order_id")
    orders: dict[str, UUID] = {
        **{f"order:{pk}": pk for pk in map(UUID, ids["order"])},
        **{f"refund:{pk}": order for pk, order, line in refunds if line is None},
        **{f"checkout:{pk}": order for pk, order in payments},
        **{f"{_BY_HAND}{pk}": order for pk, order in by_hand},
    }
    lines = OrderLine.objects.filter(order__in=orders.values()).order_by("-pk")
    first = {str(order): source for order, source in lines.values_list("order_id", "source")}
    return {
        **{source: source for source in sources},
        **{f"refund:{pk}": line for pk, _, line in refunds if line is not None},
        **{source: first[str(order)] for source, order in orders.items()},
    }
