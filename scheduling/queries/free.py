"""Who is free when? Searches all coaches at once by ``FreeTimes``; exact to the minute at every edge.

A coach is found when his shortest session can be booked at ``now`` with a start in the range. Bookings since
the last refresh are missing: a few moments (the outbox), until the next midnight at the latest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import BooleanField, Expression, F, Field, IntegerField, OuterRef, Q, QuerySet, Subquery

from scheduling.models import ConnectedCalendar, FreeTimes
from scheduling.rules.wallclock import minute_from, minute_of

FAR = 2**31 - 1
_COLUMNS = (
    "first_quarter",
    "on_quarter",
    "off_quarter",
    "off_starts",
    "notice_minutes",
    "turns_minute",
    "closes_minute",
    "then_closes_minute",
)

# Of one row and one range: lo is the first minute asked for and allowed, hi the first one that is not.
_LO = "greatest({from_minute}, {now_up} + {notice_minutes})"
_CLOSES = "CASE WHEN {now} < {turns_minute} THEN {closes_minute} ELSE {then_closes_minute} END"
_HI = f"least({{to_minute}}, {_CLOSES})"
_UP = "(({} + 14) / 15)"
_BITS = "substring({bits} FROM {start} - {first_quarter} + 1 FOR greatest({end} - {start}, 0))"
_RANGE = "int4range({lo}, greatest({lo}, {hi}))"
# On a quarter q: lo <= 15 q < hi. Between quarters: within when the quarter is, else the minutes decide.
# No subquery: PostgreSQL would give the scan to one process.
_HAS_START = (
    "CASE WHEN bit_count({on}) > 0 THEN true WHEN {off_quarter} IS NULL THEN false"
    " WHEN bit_count({off_inside}) > 0 THEN true WHEN bit_count({off_touched}) = 0 THEN false"
    " ELSE {off_starts} && {range} END"
)
_IN_ONE_OF = "EXISTS (SELECT 1 FROM (VALUES {asked}) AS asked (from_minute, to_minute) WHERE {has_start})"
_FIRST_START = (
    "least(CASE WHEN bit_count({on}) > 0 THEN ({up_lo} + position(B'1' IN {on}) - 1) * 15 END,"
    " lower({off_starts} * int4multirange({range})))"
)
FEW = 14
"""So many ranges are asked one by one, which is faster; years of evenings would be megabytes of SQL."""


class _OfFreeTimes(Expression):
    """SQL over one row of FreeTimes and ranges of minutes."""

    output: ClassVar[type[Field[Any, Any]]]

    def __init__(self, now: datetime) -> None:
        super().__init__(output_field=self.output())
        self.now: dict[str, Any] = {"now": minute_of(now), "now_up": minute_from(now)}
        self.columns: list[Any] = [F(name) for name in _COLUMNS]

    def get_source_expressions(self) -> list[Any]:
        return self.columns

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.columns = list(exprs)

    def words(self, compiler: Any) -> dict[str, Any]:
        """The clock, and what the columns are called in this query."""
        names = {name: compiler.compile(each)[0] for name, each in zip(_COLUMNS, self.columns, strict=True)}
        return {**names, **self.now}


class HasStart(_OfFreeTimes):
    """Whether a session can start in one of the ranges of minutes, of which there is at least one."""

    output, conditional = BooleanField, True

    def __init__(self, now: datetime, ranges: Iterable[tuple[int, int]]) -> None:
        super().__init__(now)
        self.ranges = list(ranges)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002 - Django's signature
        words = self.words(compiler)
        if len(self.ranges) <= FEW:
            conditions = [_HAS_START.format(**_within(words, *each)) for each in self.ranges]
            return f"({' OR '.join(conditions)})", []
        asked = ", ".join(f"({start}, {end})" for start, end in self.ranges)
        has_start = _HAS_START.format(**_within(words, "asked.from_minute", "asked.to_minute"))
        return _IN_ONE_OF.format(asked=asked, has_start=has_start), []


class FirstStart(_OfFreeTimes):
    """The first minute after 1970 at which a session can start; null where there is none."""

    output = IntegerField

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002 - Django's signature
        return _FIRST_START.format(**_within(self.words(compiler), 0, FAR)), []


def _within(words: dict[str, Any], from_minute: int | str, to_minute: int | str) -> dict[str, Any]:
    """The words of the statements for one range."""
    words = {**words, "from_minute": from_minute, "to_minute": to_minute}
    words["lo"], words["hi"] = _LO.format(**words), _HI.format(**words)
    words["up_lo"], words["range"] = _UP.format(words["lo"]), _RANGE.format(**words)
    up_hi, down_lo, down_hi = _UP.format(words["hi"]), f"{words['lo']} / 15", f"({words['hi']}) / 15"
    for name, bits, start, end in (
        ("on", "on_quarter", words["up_lo"], up_hi),
        ("off_inside", "off_quarter", words["up_lo"], down_hi),
        ("off_touched", "off_quarter", down_lo, up_hi),
    ):
        words[name] = _BITS.format(**{**words, "bits": words[bits], "start": start, "end": end})
    return words


def free_between(from_at: datetime, to_at: datetime, *, now: datetime) -> QuerySet[FreeTimes, int]:
    """Ids of coaches with a bookable start ``from_at ≤ start < to_at``, for ``user_id__in=``."""
    return free_within([(from_at, to_at)], now=now)


def free_within(ranges: Iterable[tuple[datetime, datetime]], *, now: datetime) -> QuerySet[FreeTimes, int]:
    """Ids of coaches with a bookable start in one of the ranges (evenings, a weekend), each half-open."""
    asked = [(minute_from(from_at), minute_from(to_at)) for from_at, to_at in ranges]
    found = Q(HasStart(now, asked)) if asked else Q(pk__in=[])
    return _taking_bookings(now).filter(found).values_list("coach_id", flat=True)


def next_free_order(coach_id: str, *, now: datetime) -> Subquery:
    """The next bookable start in minutes after 1970, to order by; ``coach_id`` names the outer field."""
    of_coach = _taking_bookings(now).filter(coach_id=OuterRef(coach_id))
    return Subquery(of_coach.annotate(first=FirstStart(now)).values("first"))


def _taking_bookings(now: datetime) -> QuerySet[FreeTimes]:
    """Those who neither pause nor have a connected calendar that is stale (rule 14)."""
    stale = ConnectedCalendar.objects.stale(now).values("owner_id")
    not_paused = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
    return FreeTimes.objects.filter(not_paused).exclude(coach_id__in=stale)
