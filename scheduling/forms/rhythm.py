"""A rhythm as people say it (*every 2 weeks on Tuesday*, *the first Saturday of a month*), and its RRULE.

What no words here can say stays an RRULE that the coach writes himself; nothing is ever rewritten by reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scheduling.rules.recurrence import DAYS

WEEKS = {"1": "Every week", "2": "Every 2 weeks", "3": "Every 3 weeks", "4": "Every 4 weeks"}
PLACES = {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "-1"}
OWN = "own"
EVERY = [
    *WEEKS.items(),
    *((place, f"The {place} of a month") for place in PLACES),
    (OWN, "As I write it (RRULE)"),
]
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EMPTY: dict[str, str] = {"every": "2", **dict.fromkeys(DAYS, ""), "until": "", "rrule": ""}

_WEEKLY = re.compile(r"FREQ=WEEKLY(?:;INTERVAL=([2-4]))?(?:;BYDAY=([A-Z,]+))?(?:;UNTIL=([0-9]{8}))?")
_MONTHLY = re.compile(r"FREQ=MONTHLY;BYDAY=(-?[1-4])([A-Z]{2})(?:;UNTIL=([0-9]{8}))?")


def rrule_of(row: Mapping[str, Any]) -> str:
    """The RRULE that the fields stand for; empty where they say too little."""
    every, days = row["every"], [day for day in DAYS if row[day]]
    until = f";UNTIL={row['until'].replace('-', '')}" if row["until"] else ""
    if every in WEEKS:
        interval = "" if every == "1" else f";INTERVAL={every}"
        return f"FREQ=WEEKLY{interval}{';BYDAY=' if days else ''}{','.join(days)}{until}"
    if every in PLACES:
        return f"FREQ=MONTHLY;BYDAY={','.join(PLACES[every] + day for day in days)}{until}" if days else ""
    return str(row["rrule"])


def rhythm_of(rrule: str) -> dict[str, str]:
    """The fields of an RRULE: those that would write the very same one, or the text itself."""
    row = {**EMPTY, **_said(rrule)}
    return row if rrule_of(row) == rrule else {**EMPTY, "every": OWN, "rrule": rrule}


def _said(rrule: str) -> dict[str, str]:
    if weekly := _WEEKLY.fullmatch(rrule):
        interval, days, until = weekly.groups()
        return {"every": interval or "1", **_ticked(days), "until": _day(until)}
    if monthly := _MONTHLY.fullmatch(rrule):
        place, day, until = monthly.groups()
        words = {number: word for word, number in PLACES.items()}
        return {"every": words.get(place, OWN), **_ticked(day), "until": _day(until)}
    return {}


def _ticked(days: str | None) -> dict[str, str]:
    return {day: "on" for day in (days or "").split(",") if day in DAYS}


def _day(basic: str | None) -> str:
    return f"{basic[:4]}-{basic[4:6]}-{basic[6:]}" if basic else ""
