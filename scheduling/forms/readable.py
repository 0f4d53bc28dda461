"""What can be read of a draft while it is still being written: for pictures of it, never for saving it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from core.instants import parse_day
from scheduling.forms import rhythm
from scheduling.forms.availability import END_OF_DAY, MIDNIGHT, AvailabilityDraft, Row
from scheduling.rules.availability import WEEKDAYS, WallWindow
from scheduling.rules.expansion import Span, merged
from scheduling.rules.recurrence import Recurrence, parse_rrule

_WALL_TIME = "%H:%M"


def readable_windows(rows: Iterable[Row]) -> tuple[list[WallWindow], list[Row]]:
    """The windows that make sense, and the rows that do not."""
    windows, others = [], []
    for row in rows:
        window = _window(row)
        if window:
            windows.append(window)
        else:
            others.append(row)
    return windows, others


def weekly_spans(draft: AvailabilityDraft) -> list[list[Span]]:
    """Monday to Sunday: the minutes of the day that are open every week."""
    return [_spans(draft.weekly[day]) for day in WEEKDAYS]


class Dates:
    """What the draft says about single dates."""

    def __init__(self, draft: AvailabilityDraft) -> None:
        self.weekly = weekly_spans(draft)
        self.overrides = {row["date"]: _spans(row["windows"]) for row in draft.lists["overrides"]}
        self.rules = [rule for rule in map(_rule, draft.lists["rules"]) if rule]
        self.absences = [span for span in map(_absence, draft.lists["time_off"]) if span]
        self.trips = [row for row in draft.lists["travel"] if row["from"]]

    def spans(self, on: date) -> list[Span]:
        """The open minutes of the date's wall clock, before time off."""
        if self.is_overridden(on):
            return self.overrides[on.isoformat()]
        ruled = [
            span
            for recurrence, from_on, spans in self.rules
            if next(recurrence.dates(from_on, on, on), None)
            for span in spans
        ]
        return merged([*self.weekly[on.weekday()], *ruled])

    def is_overridden(self, on: date) -> bool:
        return on.isoformat() in self.overrides

    def is_away(self, on: date) -> bool:
        """Whether time off touches the date."""
        midnight = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - a wall clock has no zone
        return any(
            starts < midnight + timedelta(days=1) and midnight < ends for starts, ends in self.absences
        )

    def zone(self, on: date) -> str:
        """Where a trip leads on the date, empty at home."""
        day = on.isoformat()
        return next(
            (trip["timezone"] for trip in self.trips if trip["from"] <= day <= (trip["to"] or day)), ""
        )


def _window(row: Row) -> WallWindow | None:
    start, end = _minute(row["start"]), _minute(row["end"], is_end=True)
    return WallWindow(start, end) if start is not None and end is not None and start < end else None


def _minute(text: str, *, is_end: bool = False) -> int | None:
    if is_end and text[:5] in {MIDNIGHT, END_OF_DAY}:
        return 1440
    try:
        at = datetime.strptime(text[:5], _WALL_TIME)  # noqa: DTZ007 - a wall clock has no zone
    except ValueError:
        return None
    return at.hour * 60 + at.minute


def _spans(rows: Iterable[Row]) -> list[Span]:
    return merged(Span(window.start, window.end) for window in readable_windows(rows)[0])


def _rule(row: dict[str, Any]) -> tuple[Recurrence, date, list[Span]] | None:
    try:
        return parse_rrule(rhythm.rrule_of(row)), parse_day(row["from"]), _spans(row["windows"])
    except ValueError:
        return None


def _absence(row: Row) -> tuple[datetime, datetime] | None:
    try:
        return tuple(datetime.fromisoformat(row[name]).replace(tzinfo=None) for name in ("starts", "ends"))  # type: ignore[return-value]
    except ValueError:
        return None
