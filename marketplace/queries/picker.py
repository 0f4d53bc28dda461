"""The times of one offer as a person picks them: a strip of days, one day's times, a month to jump in."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import User
from marketplace.models import Offer
from scheduling.queries.busy import busy_of
from scheduling.queries.slots import EVER, nearest_starts, next_start, open_starts

STRIP = timedelta(days=7)
DAY = timedelta(days=1)
LONGEST_AHEAD = timedelta(days=730)

Days = tuple[date, date]
"""A half-open range of local days."""


@dataclass(frozen=True)
class Source:
    """Where a picker's times come from: the bookable starts of ``offer``, seen from ``zone``.

    ``hiding`` is who does not want to see times at which his own calendars are busy; ``without`` is a booking
    that is to be moved and takes no time from itself.
    """

    offer: Offer
    zone: ZoneInfo
    now: datetime
    hiding: User | None = None
    without: UUID | None = None

    def starts(self, first: date, end: date) -> list[datetime]:
        """What can be booked on the local days from ``first`` to before ``end``. Three queries."""
        return open_starts(
            self.offer.coach.user_id,
            duration_minutes=self.offer.duration_minutes,
            from_at=midnight(first, self.zone),
            to_at=midnight(end, self.zone),
            now=self.now,
            without=self.without,
        )

    def apart(self, starts: list[datetime]) -> tuple[list[datetime], list[datetime]]:
        """Those to be shown and those to be hidden. One query where anything is to be hidden."""
        if self.hiding is None or not starts:
            return starts, []
        length = timedelta(minutes=self.offer.duration_minutes)
        busy = busy_of(self.hiding, starts[0], starts[-1] + length)
        ends = [end for _, end in busy]

        def is_hidden(start: datetime) -> bool:
            at = bisect_right(ends, start)
            return at < len(busy) and busy[at][0] < start + length

        hidden = {start for start in starts if is_hidden(start)}
        return [start for start in starts if start not in hidden], sorted(hidden)

    def first_day(self, first: date, end: date) -> date | None:
        """The first local day from ``first`` to before ``end`` that has a time to show."""
        shown, _ = self.apart(self.starts(first, end))
        return self.day_of(shown[0]) if shown else None

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    @property
    def today(self) -> date:
        return self.day_of(self.now)


@dataclass(frozen=True)
class Times:
    """By local day: the starts that are shown, and how many are hidden."""

    shown: dict[date, list[datetime]]
    hidden: Counter[date]


@dataclass(frozen=True)
class Picker:
    """Local days of ``zone``: ``strip`` with its chosen ``day``, ``month`` (its first day); times by day.

    ``chosen`` is a time on offer; ``gone`` one that was asked for and is not, with the ``nearest`` that are.
    ``next_day`` is where to go from a day without times, None where there is nowhere. ``earlier`` and
    ``later`` are first days of the neighbouring strips, None where nothing can be there. What is shown lies
    between ``from_at`` and ``to_at``.
    """

    zone: ZoneInfo
    today: date
    first: date
    day: date
    month: date
    times: Times
    chosen: datetime | None
    gone: datetime | None
    nearest: list[datetime]
    next_day: date | None
    earlier: date | None
    later: date | None
    from_at: datetime
    to_at: datetime

    @property
    def strip(self) -> list[date]:
        return [self.first + timedelta(days=ahead) for ahead in range(STRIP.days)]

    @property
    def starts(self) -> list[datetime]:
        """The times of the chosen day."""
        return self.times.shown.get(self.day, [])

    @property
    def free(self) -> int:
        """How many times the chosen day has."""
        return self.count(self.day)

    @property
    def hidden(self) -> int:
        """How many times of the chosen day are hidden."""
        return self.times.hidden[self.day]

    @property
    def is_empty(self) -> bool:
        """Whether the strip has no times at all."""
        return not any(self.count(on) for on in self.strip)

    @property
    def clock_changes(self) -> list[date]:
        """The days of the strip that are not 24 hours long."""
        return [on for on in self.strip if _offset(on, self.zone) != _offset(on + DAY, self.zone)]

    @property
    def weeks(self) -> list[list[date | None]]:
        """The month as rows of seven, Monday first, nothing outside the month."""
        last = next_month(self.month) - DAY
        cells: list[date | None] = [None] * self.month.weekday()
        cells += [self.month + timedelta(days=n) for n in range(last.day)]
        cells += [None] * (-len(cells) % STRIP.days)
        return [cells[at : at + STRIP.days] for at in range(0, len(cells), STRIP.days)]

    def count(self, on: date) -> int:
        return len(self.times.shown.get(on, []))


def picker_of(
    offer: Offer,
    *,
    zone: ZoneInfo,
    day: date | None,
    chosen: datetime | None,
    now: datetime,
    month: date | None = None,
    hiding: User | None = None,
    without: UUID | None = None,
) -> Picker:
    """The week around ``day`` (or ``chosen``, or the first free day), and its month or the one asked for."""
    source = Source(offer, zone, now, hiding, without)
    today = source.today
    wanted = _within(source.day_of(chosen) if chosen else day or _first_free_day(source), today)
    first = today + (wanted - today) // STRIP * STRIP
    month = _within(month or wanted, today).replace(day=1)
    ranges = _together((first, first + STRIP), (month, next_month(month)))
    times = _times(source, ranges, chosen)
    gone = chosen if chosen and chosen not in times.shown.get(wanted, []) else None
    day = _with_times(wanted, first, times)
    return Picker(
        zone=zone,
        today=today,
        first=first,
        day=day,
        month=month,
        times=times,
        chosen=None if gone else chosen,
        gone=gone,
        nearest=_nearest(source, gone),
        next_day=None if times.shown.get(day) else _next_day(source, first, day),
        earlier=first - STRIP if first > today else None,
        later=first + STRIP if first + STRIP <= today + LONGEST_AHEAD else None,
        from_at=midnight(ranges[0][0], zone),
        to_at=midnight(ranges[-1][1], zone),
    )


def midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), tzinfo=zone)


def _offset(on: date, zone: ZoneInfo) -> timedelta | None:
    return midnight(on, zone).utcoffset()


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _times(source: Source, ranges: Iterable[Days], chosen: datetime | None) -> Times:
    """The chosen time is shown in any case: it was chosen with open eyes."""
    shown: dict[date, list[datetime]] = defaultdict(list)
    hidden: Counter[date] = Counter()
    for first, end in ranges:
        free, busy = source.apart(source.starts(first, end))
        for start in sorted(free + [each for each in busy if each == chosen]):
            shown[source.day_of(start)].append(start)
        hidden.update(source.day_of(start) for start in busy if start != chosen)
    return Times(dict(shown), hidden)


def _first_free_day(source: Source) -> date:
    first = next_start(source.offer.coach.user_id, source.offer.duration_minutes, source.now)
    return source.day_of(first or source.now)


def _within(on: date, today: date) -> date:
    return min(max(on, today), today + LONGEST_AHEAD)


def _together(strip: Days, month: Days) -> list[Days]:
    """Both ranges in order; as one where they meet, so that no time is read twice."""
    one, other = sorted([strip, month])
    return [(one[0], max(one[1], other[1]))] if other[0] <= one[1] else [one, other]


def _with_times(wanted: date, first: date, times: Times) -> date:
    """The day asked for, or the next one of its strip that has times."""
    days = [first + timedelta(days=ahead) for ahead in range(STRIP.days)]
    return next((day for day in days if day >= wanted and times.shown.get(day)), wanted)


def _next_day(source: Source, first: date, day: date) -> date | None:
    """Nothing is left in the strip after ``day``: what comes after it, or the first there is before."""
    after = source.first_day(first + STRIP, source.today + EVER)
    return after or (source.first_day(source.today, day) if source.today < day else None)


def _nearest(source: Source, gone: datetime | None) -> list[datetime]:
    if gone is None:
        return []
    return nearest_starts(
        source.offer.coach.user_id,
        duration_minutes=source.offer.duration_minutes,
        around=gone,
        now=source.now,
        without=source.without,
    )
