"""Wall time and instants as integers: minutes after 1970-01-01T00:00Z, days after 1970-01-01.

Zones are asked once per year and remembered as a table of changes, so no zone object is touched in a loop.
From 2000 on every zone's offset is a whole number of minutes.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 1440
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
_YEAR = 525_960  # a mean year; a table reaches some days past both ends of its year
_MARGIN = timedelta(days=6)
_ONE_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def minute_of(instant: datetime) -> int:
    """The minute that ``instant`` lies in."""
    return (instant - EPOCH) // _MINUTE


def minute_from(instant: datetime) -> int:
    """The first whole minute that is not before ``instant``."""
    return -((EPOCH - instant) // _MINUTE)


def instant_of(minute: int) -> datetime:
    """The instant of a minute, in UTC."""
    return EPOCH + timedelta(minutes=minute)


def day_of(on: date) -> int:
    """The number of a date: days after 1970-01-01, a Thursday."""
    return on.toordinal() - EPOCH_ORDINAL


def date_of(day: int) -> date:
    """The date of a number."""
    return date.fromordinal(day + EPOCH_ORDINAL)


def week_of(day: int) -> int:
    """The number of the week, starting on Monday, that a day lies in."""
    return (day + 3) // 7


@dataclass(frozen=True, slots=True)
class _Changes:
    """A zone around a year: ``offsets[n]`` holds from ``at[n - 1]`` on; ``wall`` is that in wall time."""

    at: tuple[int, ...]
    wall: tuple[int, ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ZoneClock:
    """The clocks of one zone."""

    name: str

    def offset(self, at: int) -> int:
        """Minutes that wall time is ahead of UTC at that minute."""
        table = _changes(self.name, 1970 + at // _YEAR)
        return table.offsets[bisect_right(table.at, at)]

    def wall(self, at: int) -> int:
        """Wall time at that minute, itself written as minutes after 1970-01-01T00:00 on that wall."""
        return at + self.offset(at)

    def day(self, at: int) -> int:
        """The number of the local date."""
        return self.wall(at) // DAY

    def minute(self, wall: int) -> int:
        """The minute at which the wall shows ``wall`` (rule 2).

        A time that does not exist is taken by the offset before the change and so lands after the gap;
        of a time that occurs twice, the first is meant.
        """
        table = _changes(self.name, 1970 + wall // _YEAR)
        return wall - table.offsets[bisect_right(table.wall, wall)]

    def midnight(self, day: int) -> int:
        """The minute at which a local date begins."""
        return self.minute(day * DAY)

    def uneven_days(self, first: int, last: int) -> dict[int, int]:
        """The local dates from ``first`` to ``last`` of other than 24 hours: minutes more or less."""
        lengths = {day: self.midnight(day + 1) - self.midnight(day) for day in range(first, last + 1)}
        return {day: length - DAY for day, length in lengths.items() if length != DAY}


@lru_cache(maxsize=4096)
def _changes(name: str, year: int) -> _Changes:
    zone = ZoneInfo(name)
    at: list[int] = []
    offsets: list[int] = []
    instant = datetime(year, 1, 1, tzinfo=UTC) - _MARGIN
    last = datetime(year, 12, 31, tzinfo=UTC) + _MARGIN
    offsets.append(_offset(zone, minute_of(instant)))
    while instant < last:
        instant += _ONE_DAY
        now = minute_of(instant)
        offset = _offset(zone, now)
        if offset != offsets[-1]:
            at.append(_change_between(zone, now - DAY, now))
            offsets.append(offset)
    # Before the change both readings of a repeated hour, and the missing hour, count by the earlier offset.
    wall = tuple(change + max(offsets[n], offsets[n + 1]) for n, change in enumerate(at))
    return _Changes(tuple(at), wall, tuple(offsets))


def _change_between(zone: ZoneInfo, before: int, after: int) -> int:
    """The first minute of the new offset, by bisection."""
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = instant_of(at).astimezone(zone).utcoffset() or timedelta()
    return offset // _MINUTE
