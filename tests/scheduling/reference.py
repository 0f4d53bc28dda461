"""The rules 2 to 9 said once more, slowly: wall times by the standard library, each question by itself.

Nothing here is shared with the code it checks. It reads the JSON that a coach puts, and knows no integers,
no rows and no shortcuts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULTS: dict[str, Any] = {
    "weekly": {},
    "rules": [],
    "overrides": [],
    "time_off": [],
    "travel": [],
    "paused_until": None,
    "slot_interval_minutes": 30,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "minimum_notice_minutes": 720,
    "booking_window_days": 60,
    "max_per_day": None,
    "max_per_week": None,
}


class Stood(NamedTuple):
    """A booking that slots regard, with the range it blocks."""

    starts_at: datetime
    blocked_from: datetime
    blocked_to: datetime


@dataclass
class Coach:
    """What one coach stated, what he has booked, and where else he is busy."""

    body: dict
    booked: list[Stood] = field(default_factory=list)
    busy: list[tuple[datetime, datetime]] = field(default_factory=list)
    is_stale: bool = False

    def __getitem__(self, key):
        return self.body.get(key, DEFAULTS.get(key))

    # Rules 1 to 4

    @property
    def home(self) -> ZoneInfo:
        return ZoneInfo(self["timezone"])

    def zone_on(self, on: date) -> ZoneInfo:
        for trip in self["travel"]:
            last = trip.get("to")
            if date.fromisoformat(trip["from"]) <= on and (not last or on <= date.fromisoformat(last)):
                return ZoneInfo(trip["timezone"])
        return self.home

    def walls_on(self, on: date) -> list[list[str]]:
        for override in self["overrides"]:
            if override["date"] == on.isoformat():
                return override.get("windows", [])
        walls = list(self["weekly"].get(WEEKDAYS[on.weekday()], []))
        for rule in self["rules"]:
            if _falls_on(rule, on):
                walls += rule["windows"]
        return walls

    def windows_on(self, on: date) -> list[tuple[datetime, datetime]]:
        """The windows of one local date as scheduled, before anything cuts them."""
        zone = self.zone_on(on)
        resolved = [(on_wall(on, start, zone), on_wall(on, end, zone)) for start, end in self.walls_on(on)]
        windows: list[tuple[datetime, datetime]] = []
        for start, end in sorted(each for each in resolved if each[0] < each[1]):
            if windows and start <= windows[-1][1]:
                windows[-1] = (windows[-1][0], max(windows[-1][1], end))
            else:
                windows.append((start, end))
        return windows

    @cached_property
    def _windows(self) -> dict[date, list[tuple[datetime, datetime]]]:
        return {}

    @cached_property
    def _open(self) -> dict[tuple[datetime, bool], bool]:
        return {}

    def windows_near(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Of all local dates that might hold the instant, wherever the coach is."""
        for step in range(-2, 3):
            on = at.date() + step * DAY
            if on not in self._windows:
                self._windows[on] = self.windows_on(on)
            yield from self._windows[on]

    def is_open(self, minute: datetime, *, with_time_off: bool = True) -> bool:
        """Whether the coach works during the whole of that minute."""
        if (minute, with_time_off) not in self._open:
            self._open[minute, with_time_off] = self._works(minute, with_time_off=with_time_off)
        return self._open[minute, with_time_off]

    def _works(self, minute: datetime, *, with_time_off: bool) -> bool:
        off = self["time_off"] if with_time_off else []
        if any(_at(each["starts_at"]) < minute + MINUTE and minute < _at(each["ends_at"]) for each in off):
            return False
        return any(start <= minute and minute + MINUTE <= end for start, end in self.windows_near(minute))

    def fits(self, at: datetime, minutes: int, **how: bool) -> bool:
        """Whether the session lies in one span: windows that touch are one, so it is enough to be open."""
        first, end = at.replace(second=0, microsecond=0), at + minutes * MINUTE
        while first < end:
            if not self.is_open(first, **how):
                return False
            first += MINUTE
        return True

    # Rules 5 to 7

    def is_on_grid(self, at: datetime) -> bool:
        step = self["slot_interval_minutes"] * MINUTE
        return any(
            start <= at < end and (at - start) % step == 0 * MINUTE for start, end in self.windows_near(at)
        )

    def is_blocked(self, at: datetime, minutes: int, ranges: list[tuple[datetime, datetime]]) -> bool:
        start = at - self["buffer_before_minutes"] * MINUTE
        end = at + (minutes + self["buffer_after_minutes"]) * MINUTE
        return any(start < to and since < end for since, to in ranges)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.home).date()

    def on_day(self, at: datetime) -> int:
        return sum(self.day(each.starts_at) == self.day(at) for each in self.booked)

    def in_week(self, at: datetime) -> int:
        return sum(_monday(self.day(each.starts_at)) == _monday(self.day(at)) for each in self.booked)

    # Rule 9

    def why(self, at: datetime, minutes: int, now: datetime) -> str | None:
        """The first rule that refuses a session of so many minutes; None where it can be booked."""
        return next((code for code, refuses in self._refusals(at, minutes, now) if refuses), None)

    def _refusals(self, at: datetime, minutes: int, now: datetime) -> Iterator[tuple[str, bool]]:
        paused = self["paused_until"]
        yield "paused", paused is not None and now < _at(paused)
        yield "past", at < now
        yield "notice", at < now + self["minimum_notice_minutes"] * MINUTE
        yield "booking_window", self.day(at) > self.day(now) + self["booking_window_days"] * DAY
        yield "calendar_stale", self.is_stale
        if not self.fits(at, minutes):
            yield "day_off", self._is_day_off(at)
            yield "time_off", self.fits(at, minutes, with_time_off=False)
            yield "outside_hours", True
        yield "booked", self.is_blocked(at, minutes, [(b.blocked_from, b.blocked_to) for b in self.booked])
        yield "busy", self.is_blocked(at, minutes, self.busy)
        yield "daily_limit", self["max_per_day"] is not None and self.on_day(at) >= self["max_per_day"]
        yield "weekly_limit", self["max_per_week"] is not None and self.in_week(at) >= self["max_per_week"]
        yield "off_grid", not self.is_on_grid(at)

    def _is_day_off(self, at: datetime) -> bool:
        closed = [date.fromisoformat(each["date"]) for each in self["overrides"] if not each.get("windows")]
        return any(at.astimezone(self.zone_on(on)).date() == on for on in closed)

    # The answers

    def slots(self, minutes: int, from_at: datetime, to_at: datetime, now: datetime) -> list[datetime]:
        """Every start that can be booked with ``from_at ≤ start < to_at``."""
        step = self["slot_interval_minutes"] * MINUTE
        candidates = set()
        on = from_at.date() - 2 * DAY
        while on <= to_at.date() + 2 * DAY:
            for start, end in self.windows_on(on):
                candidates |= {start + k * step for k in range(-((start - end) // step))}
            on += DAY
        asked = sorted(at for at in candidates if from_at <= at < to_at)
        return [at for at in asked if self.why(at, minutes, now) is None]


def on_wall(on: date, wall: str, zone: ZoneInfo) -> datetime:
    """Rule 2: the first instant whose clock shows it; where none does, by the offset before the change."""
    hours, minutes = (int(part) for part in wall.split(":"))
    shown = datetime.combine(on, time(), UTC) + timedelta(hours=hours, minutes=minutes)
    before, after = (_offset(shown + step, zone) for step in (-DAY, DAY))
    right = [
        shown - offset
        for offset in (before, after)
        if (shown - offset).astimezone(zone).replace(tzinfo=UTC) == shown
    ]
    return min(right, default=shown - before)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def changes(zone: str, year: int) -> list[datetime]:
    """The days of a year on whose course a zone's offset changes, as their UTC midnights."""
    midnights = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in midnights]
    return [at for at, one, other in zip(midnights, offsets, offsets[1:], strict=False) if one != other]


def _falls_on(rule: dict, on: date) -> bool:
    starts = datetime.combine(date.fromisoformat(rule["from"]), time())
    at = datetime.combine(on, time())
    return bool(rrulestr(rule["rrule"], dtstart=starts).between(at, at, inc=True))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _monday(on: date) -> date:
    return on - on.weekday() * DAY
