"""What entries of ours are about, for the payee who is told of them: the words of the lines behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from payments.models import Dispute, OrderLine, Refund
from payouts.queries.words import describes, words_of

Pairs = Iterable[tuple[Any, str]]


@describes("order_line")
def lines(sources: list[str]) -> Mapping[str, str]:
    found = OrderLine.objects.filter(pk__in=_keys(sources, int)).values_list("pk", "source")
    return _told("order_line", found)


@describes("order")
def orders(sources: list[str]) -> Mapping[str, str]:
    """The first thing of each, and how many more."""
    sold = OrderLine.objects.filter(order__in=_keys(sources, UUID), payee__isnull=False).order_by("pk")
    return _told("order", sold.values_list("order_id", "source"))


@describes("refund")
def refunds(sources: list[str]) -> Mapping[str, str]:
    found = Refund.objects.filter(pk__in=_keys(sources, int), line__isnull=False)
    return _told("refund", found.values_list("pk", "line__source"))


@describes("dispute_lost")
def disputes(sources: list[str]) -> Mapping[str, str]:
    lost = Dispute.objects.filter(stripe_id__in=_keys(sources, str), order__lines__payee__isnull=False)
    return _told(
        "dispute_lost", lost.order_by("order__lines").values_list("stripe_id", "order__lines__source")
    )


def _keys(sources: list[str], read: Callable[[str], Any]) -> list[Any]:
    """What stands behind the noun; whatever is no such key is nothing of ours."""
    found = []
    for source in sources:
        with suppress(ValueError):
            found.append(read(source.partition(":")[2]))
    return found


def _told(noun: str, pairs: Pairs) -> dict[str, str]:
    by_key: dict[Any, list[str]] = {}
    for key, source in pairs:
        by_key.setdefault(key, []).append(source)
    words = words_of(source for sources in by_key.values() for source in sources)
    return {f"{noun}:{key}": _first(sources, words) for key, sources in by_key.items()}


def _first(sources: list[str], words: Mapping[str, str]) -> str:
    first = words.get(sources[0], "")
    return f"{first} and {len(sources) - 1} more" if len(sources) > 1 else first
