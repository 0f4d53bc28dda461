"""What the nightly proof says, and what at Stripe and in our letters waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet, Sum

from core.models import OutboxMessage
from core.money import Money
from integrations.stripe.models import StripeEvent, StripeOperation
from integrations.stripe.states import OperationState
from operations.rules import MESSAGE
from payments.models import Refund
from payouts.domain.reconciling import COMPARERS
from payouts.models import Comparison, Difference, Posting
from payouts.queries.invariants import WORDS
from payouts.queries.ledger import balances_by_kind
from payouts.rules import AccountKind

RowT = TypeVar("RowT")
ModelT = TypeVar("ModelT", bound=Model)

# A page of each list; the oldest come first, so nothing is overlooked for long.
LONGEST = 100
STUCK_AFTER = timedelta(minutes=15)
"""A call that was not made by then waits for a person as much as one without an answer."""
BOOKS, BALANCES = "books", "balances"
WITH_STRIPE = 6


@dataclass(frozen=True)
class Proven:
    """An invariant as it was last asked; ``holds`` is None while nobody knows."""

    number: int
    says: str
    holds: bool | None
    breaches: int
    asked_at: datetime | None


@dataclass(frozen=True)
class DeadLetter:
    """Something that was given up on, of Stripe's (``stripe``) or of ours: what it was, and why."""

    id: str
    what: str
    about: str
    stripe: bool
    dead_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class Listed(Generic[RowT]):
    """At most ``LONGEST`` rows, and how many there are in all."""

    rows: list[RowT]
    count: int

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


@dataclass(frozen=True)
class Proof:
    """Everything about money that operations look at, as it stands now."""

    balances: dict[str, Money]
    invariants: list[Proven]
    comparisons: list[Comparison]
    differences: Listed[Difference]
    operations: Listed[StripeOperation]
    letters: Listed[DeadLetter]
    refunds: Listed[Refund]

    @property
    def broken(self) -> int:
        return sum(proven.holds is False for proven in self.invariants)

    @property
    def unknown(self) -> list[Comparison]:
        """Parts of which nobody knows how they stand."""
        return [comparison for comparison in self.comparisons if comparison.is_unknown]

    @property
    def asked_at(self) -> datetime | None:
        """When the part that was asked longest ago was last known; None when one never was."""
        answers = [comparison.answered_at for comparison in self.comparisons]
        known = [answer for answer in answers if answer is not None]
        return min(known) if known and len(known) == len(COMPARERS) else None


def proof(now: datetime) -> Proof:
    """All of it. Thirteen queries, however much there is."""
    comparisons = list(Comparison.objects.order_by("name"))
    open_ones = Difference.objects.open().select_related("comparison")
    return Proof(
        balances=_balances(),
        invariants=_invariants({comparison.name: comparison for comparison in comparisons}),
        comparisons=comparisons,
        differences=_listed(open_ones),
        operations=_listed(_waiting_operations(now)),
        letters=_letters(),
        refunds=_listed(Refund.objects.failed().select_related("order__buyer").order_by("-settled_at")),
    )


def _listed(rows: QuerySet[ModelT]) -> Listed[ModelT]:
    return Listed(list(rows[:LONGEST]), rows.count())


def _balances() -> dict[str, Money]:
    """By kind of account, in the order of the chart; debit positive."""
    sums = balances_by_kind(settings.CURRENCY)
    return {kind: Money(sums[kind], settings.CURRENCY) for kind in AccountKind.values if kind in sums}


def balances_by_owner(kind: str) -> QuerySet:  # type: ignore[type-arg]
    """``(owner, currency, amount)`` of the accounts of a kind that are not empty, the greatest first."""
    postings = Posting.objects.filter(account__kind=kind).values_list("account__owner", "account__currency")
    sums = postings.annotate(total=Sum("amount")).exclude(total=0)
    return sums.order_by("account__currency", "total", "account__owner")


def _invariants(comparisons: dict[str, Comparison]) -> list[Proven]:
    broken = _broken()
    return [_proven(number, broken, comparisons.get(_part_of(number))) for number in sorted(WORDS)]


def _part_of(number: int) -> str:
    return BALANCES if number == WITH_STRIPE else BOOKS


def _broken() -> Counter[int]:
    """Breaches that are still there, by the invariant's number; those that somebody explained, too."""
    standing = Difference.objects.standing().filter(comparison__name__in=[BOOKS, BALANCES])
    kinds: Iterable[tuple[str, str]] = standing.values_list("comparison__name", "kind")
    return Counter(WITH_STRIPE if part == BALANCES else int(kind.split()[-1]) for part, kind in kinds)


def _proven(number: int, broken: Counter[int], comparison: Comparison | None) -> Proven:
    asked_at = comparison.answered_at if comparison else None
    is_known = comparison is not None and asked_at is not None and not comparison.is_unknown
    return Proven(
        number=number,
        says=WORDS[number],
        holds=not broken[number] if is_known else None,
        breaches=broken[number],
        asked_at=asked_at,
    )


def _waiting_operations(now: datetime) -> QuerySet[StripeOperation]:
    """Writes to Stripe without an outcome, and those that nobody sent; the oldest first."""
    is_stuck = Q(state=OperationState.UNKNOWN) | Q(planned_at__lte=now - STUCK_AFTER)
    return StripeOperation.objects.unsettled().filter(is_stuck).order_by("planned_at", "pk")


def _letters() -> Listed[DeadLetter]:
    events, messages = StripeEvent.objects.dead(), OutboxMessage.objects.filter(dead_at__isnull=False)
    found = [
        *(_event(event) for event in events.order_by("dead_at", "pk")[:LONGEST]),
        *(_message(message) for message in messages.order_by("dead_at", "pk")[:LONGEST]),
    ]
    found.sort(key=lambda letter: letter.dead_at)
    return Listed(found[:LONGEST], events.count() + messages.count())


def _event(event: StripeEvent) -> DeadLetter:
    assert event.dead_at is not None  # noqa: S101  (it was asked for as dead)
    return DeadLetter(event.pk, event.type, event.object_id, True, event.dead_at, event.attempts, event.error)


def _message(message: OutboxMessage) -> DeadLetter:
    assert message.dead_at is not None  # noqa: S101  (it was asked for as dead)
    what = f"{message.event} for {message.subscriber.rpartition('.')[2]}"
    return DeadLetter(
        f"{MESSAGE}{message.pk}",
        what,
        message.about,
        False,
        message.dead_at,
        message.attempts,
        message.error,
    )
