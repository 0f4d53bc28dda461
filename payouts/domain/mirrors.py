"""Two-sided comparison of a list at Stripe with rows of ours that mirror it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import QuerySet

from core.money import Money
from core.templatetags.formats import money
from integrations.stripe.answers import Answer
from integrations.stripe.calls import AnswerT
from integrations.stripe.listings import Listing, whole
from integrations.stripe.models import StripeOperation
from payouts.domain.reconciling import Finding

RowT = TypeVar("RowT")

SKEW = timedelta(hours=1)
"""Two clocks never agree: what we sent this close to the edge Stripe may have made before it."""


@dataclass(frozen=True)
class Mirror(Generic[AnswerT, RowT]):
    """What an object of Stripe's is called, how our rows of a page are found, and of what the two may differ.

    ``expected`` are Stripe's ids of what we have since an instant; ``sides`` answers what of an object is
    compared, and its two values. ``matters``: whether an object that nobody here knows is worth a word.
    """

    noun: str
    rows: Callable[[list[str]], Mapping[str, RowT]]
    expected: Callable[[datetime], Iterable[str]]
    sides: Callable[[RowT, AnswerT], Iterable[tuple[str, str, str]]]
    about: Callable[[AnswerT], str]
    matters: Callable[[AnswerT], bool] = lambda _answer: True


def two_sided(listing: Listing[AnswerT], since: datetime, mirror: Mirror[AnswerT, RowT]) -> Iterator[Finding]:
    """Everything that only one side has, and everything that both have but not alike."""
    # Ours first: what is made while Stripe is asked is not missed there.
    expected = set(mirror.expected(since + SKEW))
    for page in whole(listing, since):
        expected.difference_update(answer.id for answer in page)
        yield from _compared(page, mirror)
    for lost in sorted(expected):
        message = f"We have the {mirror.noun} {lost}, Stripe has none."
        yield Finding("missing_there", lost, message, ours=lost)


def _compared(page: list[AnswerT], mirror: Mirror[AnswerT, RowT]) -> Iterator[Finding]:
    rows = mirror.rows([answer.id for answer in page])
    on_their_way = _on_their_way(page)
    for answer in page:
        row = rows.get(answer.id)
        if row is not None:
            yield from _differing(row, answer, mirror)
        elif answer.operation not in on_their_way and mirror.matters(answer):
            about = mirror.about(answer)
            message = f"Stripe has the {mirror.noun} {answer.id} ({about}), and nobody here knows it."
            yield Finding("missing_here", answer.id, message, stripes=about)


def _on_their_way(page: Iterable[Answer]) -> set[str]:
    """Keys whose outcome is still open here: asked again, they bring what Stripe has."""
    keys = [answer.operation for answer in page if answer.operation]
    return set(StripeOperation.objects.unsettled().filter(key__in=keys).values_list("key", flat=True))


def _differing(row: RowT, answer: AnswerT, mirror: Mirror[AnswerT, RowT]) -> Iterator[Finding]:
    for what, ours, stripes in mirror.sides(row, answer):
        if ours != stripes:
            message = f"The {what} of the {mirror.noun} {answer.id} is {ours} here and {stripes} at Stripe."
            yield Finding(what, answer.id, message, ours=ours, stripes=stripes)


def sent_since(rows: QuerySet, since: datetime) -> QuerySet:  # type: ignore[type-arg]
    """Stripe's ids of rows whose operation was first sent since then, and made something."""
    made = rows.filter(operation__first_sent_at__gte=since).exclude(stripe_id="")
    return made.values_list("stripe_id", flat=True)


def sum_of(amount: int, currency: str) -> str:
    return money(Money(amount, currency))
