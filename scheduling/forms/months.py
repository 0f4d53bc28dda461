"""A month of the draft as a calendar: what each date offers, for choosing those that are different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.instants import parse_day
from scheduling.forms.availability import AvailabilityDraft
from scheduling.forms.readable import Dates
from scheduling.rules.availability import wall_text
from scheduling.rules.expansion import Span

MONTHS_BEHIND, MONTHS_AHEAD = 1, 24
_WEEK = 7


@dataclass(frozen=True)
class Cell:
    """One date. ``kind`` is usual, closed, hours, off or away; ``words`` say it, ``short`` in little room."""

    on: date
    kind: str
    short: str
    words: str
    trip: str
    chosen: bool
    is_today: bool


@dataclass(frozen=True)
class Month:
    """Weeks from Monday, None outside the month; first days of its neighbours, None: no further."""

    first: date
    weeks: Sequence[Sequence[Cell | None]]
    earlier: date | None
    later: date | None


def month_of(draft: AvailabilityDraft, wanted: str, *, chosen: Sequence[str] = (), today: date) -> Month:
    """The month ``wanted`` (``2026-12``), today's when that is no month near."""
    here = today.replace(day=1)
    least, most = _moved(here, -MONTHS_BEHIND), _moved(here, MONTHS_AHEAD)
    first = min(max(_month(wanted) or here, least), most)
    dates = Dates(draft)
    length = (_moved(first, 1) - first).days
    days = [first + timedelta(days=number) for number in range(length)]
    cells: list[Cell | None] = [None] * first.weekday()
    cells += [_cell(dates, on, chosen, today) for on in days]
    cells += [None] * (-len(cells) % _WEEK)
    return Month(
        first,
        [cells[at : at + _WEEK] for at in range(0, len(cells), _WEEK)],
        _moved(first, -1) if first > least else None,
        _moved(first, 1) if first < most else None,
    )


def _cell(dates: Dates, on: date, chosen: Sequence[str], today: date) -> Cell:
    kind, short, words = _offered(dates, on)
    return Cell(on, kind, short, words, dates.zone(on), on.isoformat() in chosen, on == today)


def _offered(dates: Dates, on: date) -> tuple[str, str, str]:
    if dates.is_away(on):
        return "away", "away", "time off"
    spans = dates.spans(on)
    hours = ", ".join(f"{wall_text(span.start)} to {wall_text(span.end)}" for span in spans)
    if dates.is_overridden(on):
        return ("hours", _short(spans), f"other hours, {hours}") if spans else ("off", "off", "day off")
    return ("usual", _short(spans), hours) if spans else ("closed", "–", "closed")


def _short(spans: Sequence[Span]) -> str:
    """``9–17``, ``9:30–12, …``: the first window, and that there are more."""
    first = f"{_brief(spans[0].start)}–{_brief(spans[0].end)}"
    return f"{first} +{len(spans) - 1}" if len(spans) > 1 else first


def _brief(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour}:{rest:02}" if rest else f"{hour}"


def _month(text: str) -> date | None:
    try:
        return parse_day(f"{text}-01")
    except ValueError:
        return None


def _moved(first: date, months: int) -> date:
    """The first day of a month some months away."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
