"""From a schedule to windows of instants (rules 1 to 4): pure, in whole minutes after 1970.

Instants that are not whole minutes only ever cut a window; they are rounded so that they cut more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from scheduling.rules.availability import Absence, Availability, Journey, WallWindow
from scheduling.rules.recurrence import Recurrence
from scheduling.rules.wallclock import DAY, ZoneClock, day_of, minute_from, minute_of

FIRST_WEEK = date(1999, 12, 27)
"""The Monday from which weekly windows recur: before every date the site knows."""

EVERY_WEEK = Recurrence("WEEKLY")


class Window(NamedTuple):
    """Open minutes ``[start, end)`` of local date ``on``; the slot grid counts from ``anchor``."""

    on: date
    start: int
    end: int
    anchor: int


class Span(NamedTuple):
    """Minutes ``[start, end)``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Recurring:
    """One wall window that recurs from ``from_on``, but not on the dates in ``except_on``."""

    recurrence: Recurrence
    from_on: date
    window: WallWindow
    except_on: frozenset[date] = frozenset()

    def dates(self, first: date, last: date) -> Iterator[date]:
        return (on for on in self.recurrence.dates(self.from_on, first, last) if on not in self.except_on)


@dataclass(frozen=True, slots=True)
class Plan:
    """What recurs, what happens once, where the coach is, and when he is away: all that makes windows."""

    timezone: str
    recurring: tuple[Recurring, ...] = ()
    once: Mapping[date, tuple[WallWindow, ...]] = field(default_factory=dict)
    travel: tuple[Journey, ...] = ()
    time_off: tuple[Absence, ...] = ()

    def zone_on(self, on: date) -> str:
        """The zone in which the windows of that date are read."""
        return next((trip.timezone for trip in self.travel if trip.covers(on)), self.timezone)


def plan_of(availability: Availability) -> Plan:
    """An override takes its date out of everything that recurs and puts its own windows there."""
    overridden = frozenset(override.on for override in availability.overrides)
    weekly = [
        Recurring(EVERY_WEEK, FIRST_WEEK + timedelta(days=weekday), window, overridden)
        for weekday, windows in enumerate(availability.weekly)
        for window in windows
    ]
    ruled = [
        Recurring(rule.recurrence, rule.from_on, window, overridden)
        for rule in availability.rules
        for window in rule.windows
    ]
    return Plan(
        timezone=availability.timezone,
        recurring=tuple(weekly + ruled),
        once={override.on: override.windows for override in availability.overrides if override.windows},
        travel=availability.travel,
        time_off=availability.time_off,
    )


def expand(plan: Plan, first: date, last: date) -> list[Window]:
    """The open windows of the local dates ``first`` to ``last``, both inclusive, by start."""
    return cut(scheduled(plan, first, last), plan.time_off)


def scheduled(plan: Plan, first: date, last: date) -> list[Window]:
    """The windows of those dates before time off is cut out, by date."""
    walls: dict[date, list[WallWindow]] = {}
    for recurring in plan.recurring:
        for on in recurring.dates(first, last):
            walls.setdefault(on, []).append(recurring.window)
    for on, windows in plan.once.items():
        if first <= on <= last:
            walls.setdefault(on, []).extend(windows)
    return [
        Window(on, span.start, span.end, span.start)
        for on in sorted(walls)
        for span in _resolved(on, walls[on], plan.zone_on(on))
    ]


def cut(windows: Iterable[Window], time_off: Sequence[Absence]) -> list[Window]:
    """What time off leaves of each window, by start. The grid stays where it was."""
    away = merged(Span(minute_of(absence.starts_at), minute_from(absence.ends_at)) for absence in time_off)
    pieces = [
        window._replace(start=piece.start, end=piece.end)
        for window in windows
        for piece in without(Span(window.start, window.end), away)
    ]
    return sorted(pieces, key=lambda piece: (piece.start, piece.anchor))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that touch or overlap as one; empty and reversed ones fall out."""
    result: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return result


def without(span: Span, holes: Sequence[Span]) -> Iterator[Span]:
    """The pieces of ``span`` outside ``holes``, which are merged and in order."""
    start = span.start
    for hole in holes:
        if hole.end <= start:
            continue
        if hole.start >= span.end:
            break
        if hole.start > start:
            yield Span(start, hole.start)
        start = hole.end
    if start < span.end:
        yield Span(start, span.end)


def _resolved(on: date, windows: Iterable[WallWindow], timezone: str) -> list[Span]:
    clock, midnight = ZoneClock(timezone), day_of(on) * DAY
    return merged(
        Span(clock.minute(midnight + wall.start), clock.minute(midnight + wall.end)) for wall in windows
    )
