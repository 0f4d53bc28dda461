"""The editor's draft as its template walks it: every field with its name, its words and its complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.forms.availability import AvailabilityDraft, Row
from scheduling.forms.edits import field_id
from scheduling.forms.readable import weekly_spans
from scheduling.forms.rhythm import EVERY, OWN, WEEKDAY_NAMES
from scheduling.rules.availability import WEEKDAYS
from scheduling.rules.availability_input import BOUNDS, LIMITS
from scheduling.rules.recurrence import DAYS

LABELS = {
    "slot_interval_minutes": ("A start every", "minutes, from the beginning of each window"),
    "minimum_notice_minutes": ("Minimum notice", "minutes"),
    "booking_window_days": ("Bookable ahead", "days"),
    "buffer_before_minutes": ("Free before a session", "minutes"),
    "buffer_after_minutes": ("Free after a session", "minutes"),
    "max_per_day": ("Most sessions a day", "empty: no limit"),
    "max_per_week": ("Most sessions a week", "from Monday; empty: no limit"),
}
IN_HOURS = 120  # from so many minutes on, hours are easier to read
RHYTHM = {
    "every": "Repeats",
    **dict(zip(DAYS, WEEKDAY_NAMES, strict=True)),
    "from": "From",
    "until": "Until",
    "rrule": "Rule",
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
        return field_id(self.name)


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
    spans: Sequence[Bar] = ()

    @property
    def key(self) -> str:
        """``monday`` of ``weekly.monday``."""
        return self.name.rpartition(".")[2]

    @property
    def add_id(self) -> str:
        return field_id(f"add.{self.name}")

    @property
    def copy_id(self) -> str:
        return field_id(f"copy.{self.key}")


@dataclass(frozen=True)
class Bar:
    """A window on the picture of the week: minutes from midnight."""

    start: int
    length: int


@dataclass(frozen=True)
class Entry:
    """A row of a list: its fields by name, and its windows where it has some."""

    name: str
    fields: dict[str, Field]
    complaints: Sequence[str]
    windows: Windows | None = None

    @property
    def position(self) -> str:
        """Its place in the list, counted from 1."""
        return str(int(self.name.rpartition(".")[2]) + 1)

    @property
    def weekdays(self) -> list[Field]:
        """The weekdays of a rhythm, each to be ticked."""
        return [self.fields[day] for day in DAYS]

    @property
    def is_own(self) -> bool:
        """Whether the coach writes the rule himself."""
        return self.fields["every"].value == OWN


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
    every: Sequence[tuple[str, str]] = tuple(EVERY)


def editor_of(draft: AvailabilityDraft) -> Editor:
    return Editor(
        timezone=Field("timezone", draft.timezone, "Your time zone", draft.complaints("timezone")),
        days=[
            _windows(
                draft,
                ("weekly", day),
                day.capitalize(),
                draft.weekly[day],
                [Bar(span.start, span.end - span.start) for span in spans],
            )
            for day, spans in zip(WEEKDAYS, weekly_spans(draft), strict=True)
        ],
        overrides=_entries(draft, "overrides", {"date": "Date"}),
        rules=_entries(draft, "rules", RHYTHM),
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
    value = draft.numbers[name]
    if hint == "minutes" and value.isdecimal() and int(value) >= IN_HOURS:
        hint = f"minutes, {int(value) // 60} h {int(value) % 60:02}"
    return Field(
        name,
        value,
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
    called = row.get("date") or f"{path[0].removesuffix('s')} {path[1] + 1}"
    windows = _windows(draft, (*path, "windows"), called, row["windows"]) if "windows" in row else None
    return Entry(name, fields, draft.complaints(*path), windows)


def _windows(
    draft: AvailabilityDraft,
    path: tuple[str | int, ...],
    label: str,
    rows: Sequence[Row],
    spans: Sequence[Bar] = (),
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
        spans=spans,
    )
