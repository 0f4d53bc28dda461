"""The schedule editor's form: rows of text that survive every mistake, and the JSON they stand for.

Names of fields are paths into the body of ``me/availability``: ``weekly.monday.0.start``. Rows left empty
are dropped before anything is counted, so a complaint's path leads to the row that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.instants import EARLIEST, LATEST, instant_json, zone_names
from scheduling.forms import rhythm
from scheduling.rules.availability import NUMBERS, WEEKDAYS, Absence, Availability, WallWindow
from scheduling.rules.availability_input import LIMITS, NO_INSTANT
from scheduling.rules.wallclock import ZoneClock, instant_of, minute_of

MIDNIGHT, END_OF_DAY = "00:00", "24:00"
MOST_ROWS = 400
EMPTY_ROWS: dict[str, dict[str, Any]] = {
    "rules": {**rhythm.EMPTY, "from": "", "windows": [{"start": "", "end": ""}]},
    "overrides": {"date": "", "windows": [{"start": "", "end": ""}]},
    "time_off": {"starts": "", "ends": ""},
    "travel": {"from": "", "to": "", "timezone": ""},
}
_WALL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone

Row = dict[str, Any]


@dataclass
class AvailabilityDraft:
    """What stands in the form. ``problems`` has the shape of the body, as the API would answer it."""

    timezone: str
    weekly: dict[str, list[Row]]
    lists: dict[str, list[Row]]
    paused_until: str
    numbers: dict[str, str]
    problems: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON of a PUT; what cannot be read goes along as it is, to be refused in its place."""
        rules, overrides, time_off, travel = (
            [row for row in self.lists[name] if _is_filled(row)] for name in EMPTY_ROWS
        )
        return {
            "timezone": self.timezone,
            "weekly": {day: _pairs(rows) for day, rows in self.weekly.items()},
            "rules": [
                {"rrule": rhythm.rrule_of(row), "from": row["from"], "windows": _pairs(row["windows"])}
                for row in rules
            ],
            "overrides": [{**row, "windows": _pairs(row["windows"])} for row in overrides],
            "time_off": [
                {"starts_at": self._instant(row["starts"]), "ends_at": self._instant(row["ends"])}
                for row in time_off
            ],
            "travel": [{**row, "to": row["to"] or None} for row in travel],
            "paused_until": self._instant(self.paused_until) if self.paused_until else None,
            **{name: _number(name, text) for name, text in self.numbers.items()},
        }

    def rows(self, path: str) -> list[Row] | None:
        """The rows of ``weekly.monday``, ``overrides`` or ``overrides.0.windows``; None: no such place."""
        first, _, rest = path.partition(".")
        if first == "weekly":
            return self.weekly.get(rest)
        rows = self.lists.get(first)
        number, _, last = rest.partition(".")
        if rows is None or not rest:
            return rows
        if last == "windows" and number.isdecimal() and int(number) < len(rows):
            windows: list[Row] | None = rows[int(number)].get("windows")
            return windows
        return None

    def refuse(self, problems: Mapping[str, Any]) -> None:
        """Keep what is wrong, in words that fit fields for a date and a time."""
        self.problems = _in_words_of_the_form(problems)
        for number, row in enumerate(self.lists["rules"]):
            if row["every"] != rhythm.OWN and not rhythm.rrule_of(row):
                self.problems["rules"][str(number)]["rrule"] = ["Choose a weekday."]

    def complaints(self, *path: str | int) -> list[str]:
        """What is wrong with the very thing that the path leads to."""
        place: Any = self.problems
        for step in path:
            place = place.get(str(step)) if isinstance(place, Mapping) else None
        return place if isinstance(place, list) else []

    def _instant(self, wall: str) -> str:
        try:
            at = datetime.fromisoformat(wall)
        except ValueError:
            return wall
        is_sane = EARLIEST.year <= at.year < LATEST.year and at.tzinfo is None
        if not is_sane or self.timezone not in zone_names():
            return wall
        minute = ZoneClock(self.timezone).minute((at - _WALL_EPOCH) // timedelta(minutes=1))
        return instant_json(instant_of(minute))


def draft_of(availability: Availability) -> AvailabilityDraft:
    """The form as it shows a schedule."""
    zone = ZoneClock(availability.timezone)
    return AvailabilityDraft(
        timezone=availability.timezone,
        weekly={
            day: window_rows(windows) for day, windows in zip(WEEKDAYS, availability.weekly, strict=True)
        },
        lists={
            "rules": [
                {
                    **rhythm.rhythm_of(rule.rrule),
                    "from": f"{rule.from_on}",
                    "windows": window_rows(rule.windows),
                }
                for rule in availability.rules
            ],
            "overrides": [
                {"date": f"{override.on}", "windows": window_rows(override.windows)}
                for override in availability.overrides
            ],
            "time_off": [_absence_row(absence, zone) for absence in availability.time_off],
            "travel": [
                {"from": f"{trip.from_on}", "to": f"{trip.to_on or ''}", "timezone": trip.timezone}
                for trip in availability.travel
            ],
        },
        paused_until=_wall(availability.paused_until, zone) if availability.paused_until else "",
        numbers={
            name: "" if getattr(availability, name) is None else str(getattr(availability, name))
            for name in NUMBERS
        },
    )


def read_draft(posted: Mapping[str, str]) -> AvailabilityDraft:
    """What was typed, without the rows that were left empty."""
    tree = _tree(posted)
    weekly = _branch(tree.get("weekly"))
    return AvailabilityDraft(
        timezone=posted.get("timezone", "").strip(),
        weekly={day: _filled(weekly.get(day), {"start": "", "end": ""}) for day in WEEKDAYS},
        lists={name: _filled(tree.get(name), empty) for name, empty in EMPTY_ROWS.items()},
        paused_until=posted.get("paused_until", "").strip(),
        numbers={name: posted.get(name, "").strip() for name in NUMBERS},
    )


def _tree(posted: Mapping[str, str]) -> dict[str, Any]:
    """``{"weekly.monday.0.start": "09:00"}`` → ``{"weekly": {"monday": {"0": {"start": "09:00"}}}}``."""
    tree: dict[str, Any] = {}
    for name, value in posted.items():
        *path, last = name.split(".")
        place = tree
        for step in path:
            below = place.setdefault(step, {})
            place = below if isinstance(below, dict) else {}
        place[last] = value.strip()
    return tree


def _filled(numbered: object, empty: Row) -> list[Row]:
    """The rows in the order of their numbers; those in which nothing was typed are left out."""
    branch = _branch(numbered)
    numbers = sorted((key for key in branch if key.isdecimal() and len(key) <= 4), key=int)  # noqa: PLR2004
    rows = [_row(_branch(branch[number]), empty) for number in numbers[:MOST_ROWS]]
    return [row for row in rows if _is_filled(row)]


def _is_filled(row: Row) -> bool:
    """Whether anything was typed; a choice that starts with an answer says nothing."""
    typed = (value for name, value in row.items() if name != "every")
    return any(any(map(_is_filled, value)) if isinstance(value, list) else value for value in typed)


def _row(typed: Mapping[str, Any], empty: Row) -> Row:
    row: Row = {}
    for name, default in empty.items():
        value = typed.get(name, "")
        is_list = isinstance(default, list)
        row[name] = _filled(value, default[0]) if is_list else value if isinstance(value, str) else ""
    return row


def _branch(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pairs(rows: Iterable[Row]) -> list[list[str]]:
    """A field for a time cannot show 24:00; midnight as an end can mean nothing else."""
    return [
        [row["start"][:5], END_OF_DAY if row["end"][:5] == MIDNIGHT else row["end"][:5]]
        for row in rows
        if _is_filled(row)
    ]


def window_rows(windows: Iterable[WallWindow]) -> list[Row]:
    pairs = (window.as_json() for window in windows)
    return [{"start": start, "end": MIDNIGHT if end == END_OF_DAY else end} for start, end in pairs]


def _absence_row(absence: Absence, zone: ZoneClock) -> Row:
    return {"starts": _wall(absence.starts_at, zone), "ends": _wall(absence.ends_at, zone)}


def _wall(instant: datetime, zone: ZoneClock) -> str:
    return (_WALL_EPOCH + timedelta(minutes=zone.wall(minute_of(instant)))).isoformat(timespec="minutes")


def _number(name: str, text: str) -> int | str | None:
    if not text and name in LIMITS:
        return None
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 9 else text  # noqa: PLR2004


def _in_words_of_the_form(problems: Any) -> Any:
    if isinstance(problems, Mapping):
        return {name: _in_words_of_the_form(below) for name, below in problems.items()}
    return ["Choose a date and a time." if sentence == NO_INSTANT else sentence for sentence in problems]
