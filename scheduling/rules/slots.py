"""From windows and bookings to the starts a candidate may choose (rules 5 to 7): pure, in whole minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduling.rules.expansion import Span, merged, without
from scheduling.rules.wallclock import ZoneClock, week_of


class Piece(NamedTuple):
    """An open window as slots see it: minutes ``[start, end)`` and the anchor of its grid."""

    start: int
    end: int
    anchor: int


class Taken(NamedTuple):
    """A booking: its start, and the minutes ``[blocked_from, blocked_to)`` it blocks with its own buffers."""

    starts: int
    blocked_from: int
    blocked_to: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The coach's numbers that decide what fits, in minutes; limits count dates of the home ``zone``."""

    zone: ZoneClock
    interval: int
    before: int
    after: int
    max_per_day: int | None = None
    max_per_week: int | None = None


@dataclass(frozen=True, slots=True)
class Edges:
    """Starts from ``first`` on and before ``end``, on local dates up to ``last_day`` (None: any)."""

    first: int
    end: int
    last_day: int | None = None


def open_minutes(
    pieces: Sequence[Piece],
    taken: Iterable[Taken],
    *,
    duration: int,
    terms: Terms,
    edges: Edges,
    busy: Iterable[Span] = (),
) -> list[int]:
    """Every bookable start inside the edges, in order.

    ``pieces`` reach at least ``duration`` past the last start, ``taken`` holds all bookings that block time
    there and all of the weeks (Monday to Sunday, home zone) of these starts, ``busy`` what connected
    calendars say.
    """
    taken = list(taken)
    closed = [*(Span(each.blocked_from, each.blocked_to) for each in taken), *busy]
    starts = _on_grid(pieces, list(_startable(pieces, closed, duration, terms)), terms.interval, edges)
    if not starts:
        return []
    return _within_limits(starts, taken, terms, edges.last_day)


def spans_of(pieces: Iterable[Piece]) -> list[Span]:
    """Windows that touch or overlap as one span, whatever their dates."""
    return merged(Span(piece.start, piece.end) for piece in pieces)


def fits(spans: Iterable[Span], at: int, duration: int) -> bool:
    """Whether the session lies in one span."""
    return any(span.start <= at and at + duration <= span.end for span in spans)


def overlapping(taken: Iterable[Taken], at: int, duration: int, terms: Terms) -> Taken | None:
    """The booking whose blocked range the session's would overlap."""
    start, end = at - terms.before, at + duration + terms.after
    return next((each for each in taken if each.blocked_from < end and start < each.blocked_to), None)


def is_busy(busy: Iterable[Span], at: int, duration: int, terms: Terms) -> bool:
    """Whether the session's blocked range overlaps a busy one."""
    start, end = at - terms.before, at + duration + terms.after
    return any(each.start < end and start < each.end for each in busy)


def is_on_grid(pieces: Iterable[Piece], at: int, interval: int) -> bool:
    """Whether some window offers this very minute."""
    return any(piece.start <= at < piece.end and (at - piece.anchor) % interval == 0 for piece in pieces)


def bookings_per_day(taken: Iterable[Taken], zone: ZoneClock) -> Counter[int]:
    """How many bookings each local date has."""
    return Counter(zone.day(each.starts) for each in taken)


def bookings_per_week(per_day: Counter[int]) -> Counter[int]:
    """How many bookings each week has."""
    weeks: Counter[int] = Counter()
    for day, count in per_day.items():
        weeks[week_of(day)] += count
    return weeks


def _startable(
    pieces: Iterable[Piece], closed: Iterable[Span], duration: int, terms: Terms
) -> Iterator[Span]:
    """Where a session can start: half-open spans, since minutes are whole."""
    blocked = merged(
        Span(each.start - duration - terms.after + 1, each.end + terms.before) for each in closed
    )
    for span in spans_of(pieces):
        yield from without(Span(span.start, span.end - duration + 1), blocked)


def _on_grid(pieces: Sequence[Piece], startable: Sequence[Span], interval: int, edges: Edges) -> list[int]:
    starts: set[int] = set()
    position = 0
    for piece in sorted(pieces):
        while position < len(startable) and startable[position].end <= piece.start:
            position += 1
        for span in startable[position:]:
            if span.start >= piece.end:
                break
            first = max(piece.start, span.start, edges.first)
            first += (piece.anchor - first) % interval
            starts.update(range(first, min(piece.end, span.end, edges.end), interval))
    return sorted(starts)


def _within_limits(
    starts: Iterable[int], taken: Iterable[Taken], terms: Terms, last_day: int | None
) -> list[int]:
    if last_day is None and not (terms.max_per_day or terms.max_per_week):
        return list(starts)
    per_day = bookings_per_day(taken, terms.zone) if terms.max_per_day or terms.max_per_week else Counter()
    per_week = bookings_per_week(per_day)
    refused: dict[int, bool] = {}
    result = []
    for start in starts:
        day = terms.zone.day(start)
        if day not in refused:
            refused[day] = (
                (last_day is not None and day > last_day)
                or (terms.max_per_day is not None and per_day[day] >= terms.max_per_day)
                or (terms.max_per_week is not None and per_week[week_of(day)] >= terms.max_per_week)
            )
        if not refused[day]:
            result.append(start)
    return result
