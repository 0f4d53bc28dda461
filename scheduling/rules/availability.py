"""A coach's schedule as he states it: the body of ``me/availability`` in values that are already valid."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from core.instants import instant_json
from scheduling.rules.recurrence import Recurrence

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, order=True)
class WallWindow:
    """Wall time of one date, in minutes after 00:00: ``0 ≤ start < end ≤ 1440``."""

    start: int
    end: int

    def as_json(self) -> list[str]:
        return [wall_text(self.start), wall_text(self.end)]


@dataclass(frozen=True, slots=True)
class RecurringWindows:
    """Windows on the dates of an RRULE that begins on ``from_on``; ``rrule`` is the text as it was given."""

    rrule: str
    recurrence: Recurrence
    from_on: date
    windows: tuple[WallWindow, ...]

    def as_json(self) -> dict[str, Any]:
        return {"rrule": self.rrule, "from": self.from_on.isoformat(), "windows": _json(self.windows)}


@dataclass(frozen=True, slots=True)
class Override:
    """What one local date offers instead; without windows it is a day off."""

    on: date
    windows: tuple[WallWindow, ...]

    def as_json(self) -> dict[str, Any]:
        return {"date": self.on.isoformat(), "windows": _json(self.windows)}


@dataclass(frozen=True, slots=True)
class Absence:
    """Instants, half-open, in which the coach is away."""

    starts_at: datetime
    ends_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {"starts_at": instant_json(self.starts_at), "ends_at": instant_json(self.ends_at)}


@dataclass(frozen=True, slots=True)
class Journey:
    """Dates (``to_on`` inclusive, or open) that are read in another zone."""

    from_on: date
    to_on: date | None
    timezone: str

    def covers(self, on: date) -> bool:
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)

    def as_json(self) -> dict[str, Any]:
        to = self.to_on.isoformat() if self.to_on else None
        return {"from": self.from_on.isoformat(), "to": to, "timezone": self.timezone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """All that a coach says about his time. ``weekly`` has seven entries, Monday first."""

    timezone: str
    weekly: tuple[tuple[WallWindow, ...], ...] = ((),) * 7
    rules: tuple[RecurringWindows, ...] = ()
    overrides: tuple[Override, ...] = ()
    time_off: tuple[Absence, ...] = ()
    travel: tuple[Journey, ...] = ()
    paused_until: datetime | None = None
    slot_interval_minutes: int = 30
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    minimum_notice_minutes: int = 720
    booking_window_days: int = 60
    max_per_day: int | None = None
    max_per_week: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The body of ``GET /me/availability/``."""
        return {
            "timezone": self.timezone,
            "weekly": {day: _json(windows) for day, windows in zip(WEEKDAYS, self.weekly, strict=True)},
            "rules": _json(self.rules),
            "overrides": _json(self.overrides),
            "time_off": _json(self.time_off),
            "travel": _json(self.travel),
            "paused_until": instant_json(self.paused_until) if self.paused_until else None,
            **{name: getattr(self, name) for name in NUMBERS},
        }


NUMBERS = tuple(
    field.name for field in fields(Availability) if field.name.endswith(("minutes", "days", "day", "week"))
)


def wall_text(minute: int) -> str:
    """``HH:MM`` of a minute of the day; 1440 is ``24:00``."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _json(items: tuple[Any, ...]) -> list[Any]:
    return [item.as_json() for item in items]
