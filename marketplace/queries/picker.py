"""The times of one offer as a person picks them: a strip of days, one day's times, a month to jump in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.models import Offer
from scheduling.queries.slots import next_start, open_starts

STRIP = timedelta(days=7)
DAY = timedelta(days=1)
LONGEST_AHEAD = timedelta(days=730)


@dataclass(frozen=True)
class Picker:
    """Local days of ``zone``: ``strip`` with its chosen ``day``, ``month`` (its first day); times by day.

    ``earlier`` and ``later`` are first days of the neighbouring strips, None where nothing can be there.
    """

    zone: ZoneInfo
    first: date
    day: date
    month: date
    times: dict[date, list[datetime]]
    chosen: datetime | None
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
        return self.times.get(self.day, [])

    @property
    def free(self) -> int:
        """How many times the chosen day has."""
        return self.count(self.day)

    @property
    def weeks(self) -> list[list[date | None]]:
        """The month as rows of seven, Monday first, nothing outside the month."""
        last = _next_month(self.month) - DAY
        cells: list[date | None] = [None] * self.month.weekday()
        cells += [self.month + timedelta(days=n) for n in range(last.day)]
        cells += [None] * (-len(cells) % STRIP.days)
        return [cells[at : at + STRIP.days] for at in range(0, len(cells), STRIP.days)]

    def count(self, on: date) -> int:
        return len(self.times.get(on, []))


def picker_of(
    offer: Offer, *, zone: ZoneInfo, day: date | None, chosen: datetime | None, now: datetime
) -> Picker:
    """The week around ``day`` (or ``chosen``, or the first free day) and its month."""
    today = now.astimezone(zone).date()
    wanted = chosen.astimezone(zone).date() if chosen else day
    if wanted is None:
        first_free = next_start(offer.coach.user_id, offer.duration_minutes, now)
        wanted = first_free.astimezone(zone).date() if first_free else today
    wanted = min(max(wanted, today), today + LONGEST_AHEAD)
    first = today + (wanted - today) // STRIP * STRIP
    month = wanted.replace(day=1)
    from_at = _midnight(min(first, month), zone)
    to_at = _midnight(max(first + STRIP, _next_month(month)), zone)
    times = _by_day(offer, zone, from_at, to_at, now)
    return Picker(
        zone=zone,
        first=first,
        day=_with_times(wanted, first, times),
        month=month,
        times=times,
        chosen=chosen,
        earlier=first - STRIP if first > today else None,
        later=first + STRIP if first + STRIP <= today + LONGEST_AHEAD else None,
        from_at=_midnight(first, zone),
        to_at=_midnight(first + STRIP, zone),
    )


def _by_day(
    offer: Offer, zone: ZoneInfo, from_at: datetime, to_at: datetime, now: datetime
) -> dict[date, list[datetime]]:
    times: dict[date, list[datetime]] = defaultdict(list)
    starts = open_starts(
        offer.coach.user_id,
        duration_minutes=offer.duration_minutes,
        from_at=from_at,
        to_at=to_at,
        now=now,
    )
    for start in starts:
        times[start.astimezone(zone).date()].append(start)
    return dict(times)


def _with_times(wanted: date, first: date, times: dict[date, list[datetime]]) -> date:
    """The day asked for, or the next one of its strip that has times."""
    days = [first + timedelta(days=ahead) for ahead in range(STRIP.days)]
    return next((day for day in days if day >= wanted and day in times), wanted)


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), tzinfo=zone)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
