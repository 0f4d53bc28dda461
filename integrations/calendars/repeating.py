"""Rules by which events repeat (RFC 5545, 3.3.10), looked at before anybody follows them.

A few lines of a stranger's calendar can ask for years of work: seconds, a day that never comes, ten thousand
rules from the year 1 on. What would take longer than a sync may is refused before it is begun.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

from integrations.calendars.errors import UnreadableError

TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
MOST_A_DAY = 24
WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
NARROWING = {"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
# The 29th of February on a given weekday comes every 40 years at the latest, where no century is in between.
LONGEST_WAIT = timedelta(days=41 * 366)
BOUNDS = {"COUNT", "UNTIL"}
# What following a rule costs, in days looked at; one is about two microseconds.
MOST_STEPS = 5_000_000
STEPS_A_DAY = {"DAILY": 1.0, "WEEKLY": 0.5, "MONTHLY": 0.25, "YEARLY": 0.25}
STEPS_AN_OCCURRENCE = 40
DAYS_IN = {"WEEKLY": 7, "MONTHLY": 30, "YEARLY": 365}
WEEKS_IN = {"MONTHLY": 5, "YEARLY": 53}
MONTHS_IN = {"YEARLY": 12}
DAY = timedelta(days=1)


def refuse_endless(calendar: Calendar, from_at: datetime, to_at: datetime) -> None:
    """Refuse a calendar whose events repeat so that nobody can tell in time when, between two instants.

    Raises:
        UnreadableError: more often than once an hour, on a day that never comes, or too much altogether.
    """
    steps = 0.0
    for start, rule in _rules(calendar):
        frequency, a_day = str(rule.get("FREQ", [""])[0]), _a_day(rule)
        if frequency in TOO_OFTEN or a_day > MOST_A_DAY:
            raise UnreadableError("An event of the calendar repeats more often than once a day.")
        if not _ever_comes(start, rule):
            raise UnreadableError("An event of the calendar cannot be understood.")
        steps += _steps(start, rule, frequency, from_at, to_at) * a_day
        if steps > MOST_STEPS:
            raise UnreadableError("The calendar has too many events that repeat.")


def _rules(calendar: Calendar) -> Iterator[tuple[datetime, Any]]:
    """Each with the first start, on the clock where it is."""
    events: list[Any] = calendar.walk("VEVENT")
    for event in events:
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            yield _on_the_clock(event["DTSTART"].dt), rule


def _on_the_clock(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time())


def _a_day(rule: Any) -> int:
    hours, minutes, seconds = (len(rule.get(part, [])) or 1 for part in WITHIN_A_DAY)
    return hours * minutes * seconds


def _ever_comes(start: datetime, rule: Any) -> bool:
    if any(interval < 1 for interval in rule.get("INTERVAL", [])):
        return False
    if not rule.keys() & NARROWING:
        return True
    # Without its end: it is only asked whether there is any day at all.
    endless = type(rule)({name: value for name, value in rule.items() if name not in BOUNDS})
    first = next(iter(rrulestr(endless.to_ical().decode(), dtstart=start)), None)
    return first is not None and first - start <= LONGEST_WAIT


def _steps(start: datetime, rule: Any, frequency: str, from_at: datetime, to_at: datetime) -> float:
    first, last = (bound.astimezone(UTC).replace(tzinfo=None) for bound in (from_at, to_at))
    last = min([last, *map(_on_the_clock, rule.get("UNTIL", []))])
    looked_at = max(timedelta(), last - start) / DAY
    # What ended before costs the way there, and nothing is found.
    found = max(timedelta(), last - max(start, first)) / DAY / _days_between(rule, frequency)
    return looked_at * STEPS_A_DAY.get(frequency, 1.0) + found * STEPS_AN_OCCURRENCE


def _days_between(rule: Any, frequency: str) -> float:
    """From one occurrence to the next, at the least."""
    weekdays = len(rule.get("BYDAY", [])) * WEEKS_IN.get(frequency, 1)
    dates = len(rule.get("BYMONTHDAY", [])) * MONTHS_IN.get(frequency, 1) + len(rule.get("BYYEARDAY", []))
    return max(1.0, DAYS_IN.get(frequency, 1) / max(1, weekdays, dates))
