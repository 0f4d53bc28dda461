"""From the JSON of ``me/availability`` to an ``Availability``, or all complaints at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeVar

from core.errors import InvalidError
from core.instants import parse_day, parse_instant, parse_zone
from scheduling.rules.availability import (
    NUMBERS,
    WEEKDAYS,
    Absence,
    Availability,
    Journey,
    Override,
    RecurringWindows,
    WallWindow,
)
from scheduling.rules.recurrence import Recurrence, parse_rrule

BOUNDS = {
    "slot_interval_minutes": (5, 120),
    "buffer_before_minutes": (0, 240),
    "buffer_after_minutes": (0, 240),
    "minimum_notice_minutes": (0, 43_200),
    "booking_window_days": (1, 730),
    "max_per_day": (1, 1000),
    "max_per_week": (1, 1000),
}
LIMITS = frozenset({"max_per_day", "max_per_week"})
MOST = {"windows": 48, "rules": 20, "overrides": 400, "time_off": 400, "travel": 100}
NO_INSTANT = "Give an instant as ISO 8601 with an offset."
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_LISTS = ("rules", "overrides", "time_off", "travel")
_KEYS = frozenset({"timezone", "weekly", "paused_until", *_LISTS, *NUMBERS})
_PAIR = 2

Path = tuple[str | int, ...]
ValueT = TypeVar("ValueT")


def parse_availability(data: object, *, default_timezone: str) -> Availability:
    """Read the body of a PUT. A missing key takes its default, the zone that of the coach.

    Raises:
        InvalidError: its ``fields`` mirror the body, with a list of sentences in place of what was wrong:
            ``{"weekly": {"monday": {"0": ["…"]}}}``.
    """
    reader = _Reader()
    availability = reader.availability(data, default_timezone)
    if reader.problems or availability is None:
        raise InvalidError(fields=reader.problems)
    return availability


class _Reader:
    """Walks the body once and keeps every complaint; what is wrong reads as None."""

    def __init__(self) -> None:
        self.problems: dict[str, Any] = {}

    def complain(self, path: Path, sentence: str) -> None:
        """Put a sentence where the path leads."""
        place = self.problems
        for step in path[:-1]:
            place = place.setdefault(str(step), {})
        place.setdefault(str(path[-1]), []).append(sentence)

    def availability(self, data: object, default_timezone: str) -> Availability | None:
        body = self.mapping((), data, _KEYS)
        if body is None:
            self.problems.setdefault("non_field_errors", ["Send an object."])
            return None
        timezone = self.zone(("timezone",), body.get("timezone", default_timezone))
        weekly = self.weekly(body.get("weekly", {}))
        lists = {name: self.items((name,), body.get(name, [])) for name in _LISTS}
        rules = self.each(lists["rules"], self.rule)
        overrides = self.each(lists["overrides"], self.override)
        travel = self.each(lists["travel"], self.journey)
        time_off = self.each(lists["time_off"], self.absence)
        self.check_overrides(overrides)
        self.check_travel(travel)
        paused = body.get("paused_until")
        return Availability(
            timezone=timezone or default_timezone,
            weekly=weekly,
            rules=_given(rules),
            overrides=tuple(sorted(_given(overrides), key=lambda override: override.on)),
            time_off=tuple(
                sorted(_given(time_off), key=lambda absence: (absence.starts_at, absence.ends_at))
            ),
            travel=tuple(sorted(_given(travel), key=lambda journey: journey.from_on)),
            paused_until=None if paused is None else self.instant(("paused_until",), paused),
            **self.numbers(body),
        )

    def numbers(self, body: Mapping[str, object]) -> dict[str, Any]:
        return {name: self.number(name, body[name]) for name in NUMBERS if name in body}

    def number(self, name: str, value: object) -> int | None:
        least, most = BOUNDS[name]
        if value is None and name in LIMITS:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.complain((name,), f"A whole number from {least} to {most}.")
            return None
        return value

    def weekly(self, data: object) -> tuple[tuple[WallWindow, ...], ...]:
        days = self.mapping(("weekly",), data, frozenset(WEEKDAYS)) or {}
        return tuple(self.windows(("weekly", day), days.get(day, [])) for day in WEEKDAYS)

    def windows(self, path: Path, data: object) -> tuple[WallWindow, ...]:
        return _given(self.each(self.items(path, data, MOST["windows"]), self.window))

    def window(self, path: Path, data: object) -> WallWindow | None:
        if not isinstance(data, list | tuple) or len(data) != _PAIR:
            self.complain(path, 'A window is a pair of wall times: ["09:00", "12:00"].')
            return None
        start, end = _wall_minute(data[0]), 1440 if data[1] == "24:00" else _wall_minute(data[1])
        if start is None or end is None:
            self.complain(path, "Write times as HH:MM, from 00:00 to 24:00.")
            return None
        if end <= start:
            self.complain(path, "The end has to come after the start.")
            return None
        return WallWindow(start, end)

    def rule(self, path: Path, data: object) -> RecurringWindows | None:
        body = self.mapping(path, data, frozenset({"rrule", "from", "windows"}))
        if body is None:
            return None
        text = body.get("rrule")
        recurrence = self.recurrence((*path, "rrule"), text)
        from_on = self.day((*path, "from"), body.get("from"))
        windows = self.windows((*path, "windows"), body.get("windows", []))
        if not body.get("windows"):
            self.complain((*path, "windows"), "Give at least one window.")
        if recurrence is None or from_on is None:
            return None
        return RecurringWindows(str(text), recurrence, from_on, windows)

    def override(self, path: Path, data: object) -> Override | None:
        body = self.mapping(path, data, frozenset({"date", "windows"}))
        if body is None:
            return None
        on = self.day((*path, "date"), body.get("date"))
        windows = self.windows((*path, "windows"), body.get("windows", []))
        return Override(on, windows) if on else None

    def absence(self, path: Path, data: object) -> Absence | None:
        body = self.mapping(path, data, frozenset({"starts_at", "ends_at"}))
        if body is None:
            return None
        starts_at = self.instant((*path, "starts_at"), body.get("starts_at"))
        ends_at = self.instant((*path, "ends_at"), body.get("ends_at"))
        if starts_at is None or ends_at is None:
            return None
        if ends_at <= starts_at:
            self.complain((*path, "ends_at"), "The end has to come after the start.")
        return Absence(starts_at, ends_at)

    def journey(self, path: Path, data: object) -> Journey | None:
        body = self.mapping(path, data, frozenset({"from", "to", "timezone"}))
        if body is None:
            return None
        from_on = self.day((*path, "from"), body.get("from"))
        to_on = None if body.get("to") is None else self.day((*path, "to"), body["to"])
        zone = self.zone((*path, "timezone"), body.get("timezone"))
        if from_on is None or zone is None:
            return None
        if to_on is not None and to_on < from_on:
            self.complain((*path, "to"), "The last day has to come on or after the first.")
        return Journey(from_on, to_on, zone)

    def check_overrides(self, overrides: list[Override | None]) -> None:
        seen: set[date] = set()
        for number, override in enumerate(overrides):
            if override and override.on in seen:
                self.complain(("overrides", number, "date"), "This date is overridden twice.")
            if override:
                seen.add(override.on)

    def check_travel(self, travel: list[Journey | None]) -> None:
        placed = sorted(
            ((journey, number) for number, journey in enumerate(travel) if journey),
            key=lambda each: each[0].from_on,
        )
        for (before, _), (after, number) in pairwise(placed):
            if before.to_on is None or after.from_on <= before.to_on:
                self.complain(("travel", number, "from"), "This trip overlaps another one.")

    def mapping(self, path: Path, data: object, keys: frozenset[str]) -> Mapping[str, Any] | None:
        if not isinstance(data, Mapping):
            if path:
                self.complain(path, "An object is needed here.")
            return None
        for name in data:
            if name not in keys:
                self.complain((*path, str(name)), "Unknown field.")
        return data

    def items(self, path: Path, data: object, most: int | None = None) -> list[tuple[Path, object]]:
        if not isinstance(data, list | tuple):
            self.complain(path, "A list is needed here.")
            return []
        most = most or MOST[str(path[-1])]
        if len(data) > most:
            self.complain(path, f"At most {most} entries.")
            return []
        return [((*path, number), item) for number, item in enumerate(data)]

    def each(
        self, items: Iterable[tuple[Path, object]], read: Callable[[Path, object], ValueT | None]
    ) -> list[ValueT | None]:
        return [read(path, item) for path, item in items]

    def day(self, path: Path, data: object) -> date | None:
        return self.read(path, parse_day, data, "Give a date such as 2026-12-24.")

    def instant(self, path: Path, data: object) -> datetime | None:
        return self.read(path, parse_instant, data, NO_INSTANT)

    def zone(self, path: Path, data: object) -> str | None:
        sentence = "There is no such time zone. Use an IANA name such as Europe/London."
        zone = self.read(path, parse_zone, data, sentence)
        return zone.key if zone else None

    def read(self, path: Path, parse: Callable[[str], ValueT], data: object, sentence: str) -> ValueT | None:
        try:
            if isinstance(data, str):
                return parse(data)
        except ValueError:
            pass
        self.complain(path, sentence)
        return None

    def recurrence(self, path: Path, data: object) -> Recurrence | None:
        try:
            return parse_rrule(data if isinstance(data, str) else "")
        except ValueError as error:
            self.complain(path, str(error))
            return None


def _wall_minute(text: object) -> int | None:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def _given(items: Iterable[ValueT | None]) -> tuple[ValueT, ...]:
    return tuple(item for item in items if item is not None)
