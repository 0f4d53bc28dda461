"""What the buttons of the schedule editor do to the draft. Each is a submit, and none of them saves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.http import QueryDict

from core.instants import parse_day
from scheduling.forms.availability import EMPTY_ROWS, MOST_ROWS, AvailabilityDraft, Row, window_rows
from scheduling.forms.readable import readable_windows
from scheduling.rules.availability import WEEKDAYS, WallWindow
from scheduling.rules.expansion import Span, merged, without
from scheduling.rules.wallclock import DAY

BUTTONS = ("add", "remove", "copy", "mark", "paint", "show_month")
MARKS = ("off", "hours", "away", "usual")
FIRST_FIELD = {"rules": "every", "overrides": "date", "time_off": "starts", "travel": "from"}


def edit(draft: AvailabilityDraft, posted: QueryDict) -> str | None:
    """Do what the pressed button asks.

    Answers the id of the field or button that gets the focus, empty for none; None when no button of the
    editor was pressed.
    """
    pressed = {name: str(posted[name]) for name in BUTTONS if name in posted}
    if "add" in pressed:
        return _add(draft, pressed["add"])
    if "remove" in pressed:
        return _remove(draft, pressed["remove"])
    if "copy" in pressed:
        return _copy_day(draft, pressed["copy"], posted.getlist(f"to.{pressed['copy']}"))
    if "mark" in pressed:
        return _mark(draft, pressed["mark"], _days(posted.getlist("dates")))
    if "paint" in pressed:
        return _paint(draft, posted)
    return field_id("exceptions") if "show_month" in pressed else None


def field_id(name: str) -> str:
    return f"id_{name.replace('.', '_')}"


def _add(draft: AvailabilityDraft, path: str) -> str:
    """An empty row at the end of ``weekly.monday``, ``overrides`` or ``overrides.0.windows``."""
    rows = draft.rows(path)
    if rows is None or len(rows) >= MOST_ROWS:
        return ""
    rows.append(_fresh(EMPTY_ROWS[path]) if path in EMPTY_ROWS else {"start": "", "end": ""})
    return field_id(f"{path}.{len(rows) - 1}.{FIRST_FIELD.get(path, 'start')}")


def _remove(draft: AvailabilityDraft, path: str) -> str:
    """Without the row that ``path`` ends with the number of; the focus goes to the button that adds one."""
    parent, _, number = path.rpartition(".")
    rows = draft.rows(parent)
    if rows is None:
        return ""
    # A row in which nothing was typed was left out already.
    if number.isdecimal() and int(number) < len(rows):
        del rows[int(number)]
    return field_id(f"add.{parent}")


def _copy_day(draft: AvailabilityDraft, day: str, others: Iterable[str]) -> str:
    """The windows of one weekday on other weekdays too, instead of theirs."""
    if day not in draft.weekly:
        return ""
    for other in others:
        if other in draft.weekly and other != day:
            draft.weekly[other] = [dict(row) for row in draft.weekly[day]]
    return field_id(f"copy.{day}")


def _mark(draft: AvailabilityDraft, mark: str, days: list[date]) -> str:
    """Close the chosen dates, give them hours of their own, make them as usual again, or time off."""
    if mark not in MARKS or not days:
        return field_id("exceptions")
    known = {row["date"]: row for row in draft.lists["overrides"]}
    chosen = {day.isoformat() for day in days}
    if mark == "away":
        draft.lists["time_off"] += [_absence(first, last) for first, last in _runs(days)]
        return field_id(f"time_off.{len(draft.lists['time_off']) - 1}.starts")
    kept = [row for row in draft.lists["overrides"] if row["date"] not in chosen]
    made = [_override(draft, day, mark, known) for day in days] if mark != "usual" else []
    draft.lists["overrides"] = sorted([*kept, *made], key=lambda row: row["date"])[:MOST_ROWS]
    if mark != "hours":
        return field_id("exceptions")
    at = [row["date"] for row in draft.lists["overrides"]].index(days[0].isoformat())
    return field_id(f"overrides.{at}.windows.0.start")


def _override(draft: AvailabilityDraft, day: date, mark: str, known: dict[str, Row]) -> Row:
    """Hours of its own start with those it had, or else with those of its weekday, or else with a row."""
    if mark == "off":
        return {"date": day.isoformat(), "windows": []}
    before = known.get(day.isoformat(), {}).get("windows") or draft.weekly[WEEKDAYS[day.weekday()]]
    windows = [dict(row) for row in before] or [{"start": "", "end": ""}]
    return {"date": day.isoformat(), "windows": windows}


def _absence(first: date, last: date) -> Row:
    return {"starts": f"{first}T00:00", "ends": f"{last + timedelta(days=1)}T00:00"}


def _runs(days: list[date]) -> list[tuple[date, date]]:
    """Days that follow each other as first and last."""
    breaks = [at for at, (one, two) in enumerate(pairwise(days), 1) if two - one > timedelta(days=1)]
    edges = [0, *breaks, len(days)]
    return [(days[start], days[end - 1]) for start, end in pairwise(edges)]


def _paint(draft: AvailabilityDraft, posted: QueryDict) -> str:
    """Open or close the same minutes of some weekdays: ``paint=open``, ``paint_days=monday,friday``."""
    start, end = (_minute(posted.get(name, "")) for name in ("paint_from", "paint_to"))
    if start is None or end is None or start >= end:
        return ""
    stroke = Span(start, end)
    for day in posted.get("paint_days", "").split(","):
        if day in draft.weekly:
            draft.weekly[day] = _painted(draft.weekly[day], stroke, is_open=posted["paint"] == "open")
    return ""


def _painted(rows: list[Row], stroke: Span, *, is_open: bool) -> list[Row]:
    """The day's rows with the stroke; a row that cannot be read yet stays as it is, at the end."""
    windows, unreadable = readable_windows(rows)
    spans = merged(Span(window.start, window.end) for window in windows)
    if is_open:
        spans = merged([*spans, stroke])
    else:
        spans = [piece for span in spans for piece in without(span, [stroke])]
    return window_rows(WallWindow(*span) for span in spans) + unreadable


def _minute(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 4  # noqa: PLR2004
    return int(text) if is_number and int(text) <= DAY else None


def _days(texts: Iterable[str]) -> list[date]:
    """The dates that can be read, once each, in order."""
    found = set()
    for text in texts:
        try:
            found.add(parse_day(text))
        except ValueError:
            continue
    return sorted(found)


def _fresh(row: dict[str, Any]) -> Row:
    return {
        name: [dict(each) for each in value] if isinstance(value, list) else value
        for name, value in row.items()
    }
