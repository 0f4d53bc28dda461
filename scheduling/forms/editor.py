"""The editor's draft as its template walks it: every field with its name, its words and its complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.forms.availability import AvailabilityDraft, Row
from scheduling.rules.availability import WEEKDAYS
from scheduling.rules.availability_input import BOUNDS, LIMITS

LABELS = {
    "slot_interval_minutes": ("A start every", "minutes, counted from the beginning of each window"),
    "buffer_before_minutes": ("Free before a session", "minutes"),
    "buffer_after_minutes": ("Free after a session", "minutes"),
    "minimum_notice_minutes": ("Minimum notice", "minutes; 720 are twelve hours"),
    "booking_window_days": ("Bookable ahead", "days"),
    "max_per_day": ("Most sessions a day", "empty: no limit"),
    "max_per_week": ("Most sessions a week", "from Monday; empty: no limit"),
}


@dataclass(frozen=True)
class Field:
    name: str
    value: str
    label: str = ""
    complaints: Sequence[str] = ()
    hint: str = ""
    least: int = 0
    most: int = 0
    required: bool = True

    @property
    def id(self) -> str:
        return f"id_{self.name.replace('.', '_')}"


@dataclass(frozen=True)
class WindowRow:
    """Two times. ``name`` is what the button *remove* sends."""

    name: str
    start: Field
    end: Field
    complaints: Sequence[str]


@dataclass(frozen=True)
class Windows:
    """Rows of windows under a name; ``name`` is what the button *add* sends."""

    name: str
    label: str
    rows: Sequence[WindowRow]
    complaints: Sequence[str]


@dataclass(frozen=True)
class Entry:
    """A row of a list: its fields by name, and its windows where it has some."""

    name: str
    fields: dict[str, Field]
    complaints: Sequence[str]
    windows: Windows | None = None


@dataclass(frozen=True)
class Editor:
    timezone: Field
    days: Sequence[Windows]
    overrides: Sequence[Entry]
    rules: Sequence[Entry]
    time_off: Sequence[Entry]
    travel: Sequence[Entry]
    paused_until: Field
    numbers: Sequence[Field]
    is_refused: bool


def editor_of(draft: AvailabilityDraft) -> Editor:
    return Editor(
        timezone=Field("timezone", draft.timezone, "Your time zone", draft.complaints("timezone")),
        days=[_windows(draft, ("weekly", day), day.capitalize(), draft.weekly[day]) for day in WEEKDAYS],
        overrides=_entries(draft, "overrides", {"date": "Date"}),
        rules=_entries(draft, "rules", {"rrule": "Rule", "from": "From"}),
        time_off=_entries(draft, "time_off", {"starts": "From", "ends": "Until"}, suffix="_at"),
        travel=_entries(
            draft, "travel", {"from": "First day away", "to": "Last day away", "timezone": "Zone"}
        ),
        paused_until=Field(
            "paused_until", draft.paused_until, "Pause all bookings until", draft.complaints("paused_until")
        ),
        numbers=[_number(draft, name) for name in LABELS],
        is_refused=bool(draft.problems),
    )


def _number(draft: AvailabilityDraft, name: str) -> Field:
    (label, hint), (least, most) = LABELS[name], BOUNDS[name]
    return Field(
        name,
        draft.numbers[name],
        label,
        draft.complaints(name),
        hint,
        least,
        most,
        required=name not in LIMITS,
    )


def _entries(
    draft: AvailabilityDraft, list_name: str, labels: dict[str, str], *, suffix: str = ""
) -> list[Entry]:
    return [
        _entry(draft, (list_name, number), row, labels, suffix)
        for number, row in enumerate(draft.lists[list_name])
    ]


def _entry(
    draft: AvailabilityDraft, path: tuple[str, int], row: Row, labels: dict[str, str], suffix: str
) -> Entry:
    name = f"{path[0]}.{path[1]}"
    fields = {
        key: Field(f"{name}.{key}", row[key], label, draft.complaints(*path, key + suffix))
        for key, label in labels.items()
    }
    windows = (
        _windows(draft, (*path, "windows"), f"entry {path[1] + 1}", row["windows"])
        if "windows" in row
        else None
    )
    return Entry(name, fields, draft.complaints(*path), windows)


def _windows(
    draft: AvailabilityDraft, path: tuple[str | int, ...], label: str, rows: Sequence[Row]
) -> Windows:
    name = ".".join(str(step) for step in path)
    return Windows(
        name=name,
        label=label,
        rows=[
            WindowRow(
                name=f"{name}.{number}",
                start=Field(f"{name}.{number}.start", row["start"], f"{label}, window {number + 1}, from"),
                end=Field(f"{name}.{number}.end", row["end"], f"{label}, window {number + 1}, to"),
                complaints=draft.complaints(*path, number),
            )
            for number, row in enumerate(rows)
        ],
        complaints=draft.complaints(*path),
    )
