"""*Free when I am*: chips and ranges in the viewer's zone, as half-open ranges of instants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.queries.slots import EVER

Range = tuple[datetime, datetime]

CHIPS = {
    "today": "Today",
    "48h": "In 48 hours",
    "week": "This week",
    "evenings": "Evenings",
    "weekend": "Weekend",
}
WEEK = timedelta(days=7)
EVENING = (time(18), time(22))
SATURDAY = 5


def ranges(chips: Iterable[str], between: Range | None, *, zone: ZoneInfo, now: datetime) -> list[Range]:
    """The instants that satisfy every chip and the range, joined by *and*; in order, disjoint, maybe none.

    Evenings (18:00 to 22:00) and weekends are local and lie within the next seven days, unless another chip
    or a range says how far to look.
    """
    asked = set(chips)
    start, end = _bounds(asked, between, zone=zone, now=now)
    found = [(start, end)]
    if "evenings" in asked:
        found = _both(found, _evenings(start, end, zone))
    if "weekend" in asked:
        found = _both(found, _weekends(start, end, zone))
    return [(one, other) for one, other in found if one < other]


def _bounds(asked: set[str], between: Range | None, *, zone: ZoneInfo, now: datetime) -> Range:
    limits = [between] if between else []
    if "today" in asked:
        limits.append((now, _midnight(now.astimezone(zone).date() + timedelta(days=1), zone)))
    if "48h" in asked:
        limits.append((now, now + timedelta(hours=48)))
    if "week" in asked or not limits:
        limits.append((now, now + WEEK))
    # Nothing is free after EVER; a range of centuries would be as many evenings to look through.
    return max(now, *(start for start, _ in limits)), min(now + EVER, *(end for _, end in limits))


def _evenings(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Range]:
    for on in _days(start, end, zone):
        yield _at(on, EVENING[0], zone), _at(on, EVENING[1], zone)


def _weekends(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Range]:
    for on in _days(start, end, zone):
        if on.weekday() >= SATURDAY:
            yield _midnight(on, zone), _midnight(on + timedelta(days=1), zone)


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    on = start.astimezone(zone).date()
    last = end.astimezone(zone).date()
    while on <= last:
        yield on
        on += timedelta(days=1)


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return _at(on, time(0), zone)


def _at(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, tzinfo=zone)


def _both(ones: Iterable[Range], others: Iterable[Range]) -> list[Range]:
    others = list(others)
    return [
        (max(start, other_start), min(end, other_end))
        for start, end in ones
        for other_start, other_end in others
        if max(start, other_start) < min(end, other_end)
    ]
