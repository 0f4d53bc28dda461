"""From the rows of a schedule back to what the coach said: the plan for windows, the availability for people.

Recurring windows and their exceptions live in django-scheduler. An ``Event`` holds *the wall clock read as
UTC*: 09:00 of the coach's morning is stored as 09:00Z, whatever his zone; it is never an instant.
``Event.title`` says which kind of window it is; ``Rule.description`` keeps the RRULE as it was written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import connection
from schedule.models import Event, Rule

from scheduling.models import Schedule
from scheduling.rules.availability import (
    NUMBERS,
    Absence,
    Availability,
    Journey,
    Override,
    RecurringWindows,
    WallWindow,
)
from scheduling.rules.expansion import Plan, Recurring
from scheduling.rules.recurrence import DAYS, Recurrence

WEEKLY, RULE, OVERRIDE = "weekly", "rule", "override"
_LISTS = {"bymonth": "months", "bymonthday": "month_days", "bysetpos": "positions"}
_NUMBERS = ("interval", "count")
_MINUTES_OF_A_DAY = 1440

# By hand: of a rebuild, the ORM would spend a third on asking these.
CANCELLED = """
SELECT event_id, original_start
FROM schedule_occurrence JOIN schedule_event ON schedule_event.id = event_id
WHERE calendar_id = ANY(%s) AND cancelled
"""
TRIPS = """
SELECT schedule_id, from_on, to_on, timezone FROM scheduling_trip WHERE schedule_id = ANY(%s) ORDER BY from_on
"""
TIME_OFF = """
SELECT schedule_id, starts_at, ends_at FROM scheduling_timeoff WHERE schedule_id = ANY(%s)
ORDER BY starts_at, ends_at
"""


def plan_from(schedule: Schedule) -> Plan:
    """What the stored schedule makes windows from. Four queries."""
    return plans_from([schedule])[schedule.coach_id]


def plans_from(schedules: Collection[Schedule]) -> dict[int, Plan]:
    """The plan of each, by its coach. Four queries, however many."""
    calendars = [schedule.calendar_id for schedule in schedules]
    events, except_on = _events(calendars), _exceptions(calendars)
    travel, time_off = _travel(schedules), _time_off(schedules)
    return {
        schedule.coach_id: Plan(
            timezone=schedule.timezone,
            recurring=tuple(
                Recurring(
                    recurrence_of(event),
                    event.start.date(),
                    wall_window(event),
                    frozenset(except_on.get(event.pk, ())),
                )
                for event in events[schedule.calendar_id]
                if event.rule is not None
            ),
            once=_once(events[schedule.calendar_id]),
            travel=tuple(travel[schedule.pk]),
            time_off=tuple(time_off[schedule.pk]),
        )
        for schedule in schedules
    }


def availability_from(schedule: Schedule) -> Availability:
    """The stored schedule as its coach stated it. Four queries."""
    events = _events([schedule.calendar_id])[schedule.calendar_id]
    once = _once(events)
    return Availability(
        timezone=schedule.timezone,
        weekly=_weekly(events),
        rules=_rules(events),
        overrides=tuple(
            Override(on, once.get(on, ()))
            for on in schedule.overrides.order_by("on").values_list("on", flat=True)
        ),
        time_off=tuple(_time_off([schedule])[schedule.pk]),
        travel=tuple(_travel([schedule])[schedule.pk]),
        paused_until=schedule.paused_until,
        **{name: getattr(schedule, name) for name in NUMBERS},
    )


def wall_window(event: Event) -> WallWindow:
    start: datetime = event.start
    end: datetime = event.end
    minutes = int((end - start).total_seconds()) // 60
    first = start.hour * 60 + start.minute
    return WallWindow(first, min(first + minutes, _MINUTES_OF_A_DAY))


def recurrence_of(event: Event) -> Recurrence:
    """The recurrence that an event's rule stores."""
    rule: Rule = event.rule
    stored = dict(part.split(":", 1) for part in rule.params.split(";") if part)
    values: dict[str, int | tuple[int, ...]] = {
        name: int(stored[name]) for name in _NUMBERS if name in stored
    }
    for key, name in _LISTS.items():
        if key in stored:
            values[name] = tuple(int(number) for number in stored[key].split(","))
    return Recurrence(
        frequency=rule.frequency,
        weekdays=tuple(DAYS.index(day) for day in stored.get("byweekday", "").split(",") if day),
        week_start=DAYS.index(stored.get("wkst", "MO")),
        until=event.end_recurring_period.date() if event.end_recurring_period else None,
        **values,  # type: ignore[arg-type]
    )


def rule_params(recurrence: Recurrence) -> str:
    """What django-scheduler keeps of a recurrence beside its frequency: ``interval:2;byweekday:TU``."""
    parts: dict[str, str] = {}
    if recurrence.interval > 1:
        parts["interval"] = str(recurrence.interval)
    if recurrence.weekdays:
        parts["byweekday"] = ",".join(DAYS[day] for day in recurrence.weekdays)
    for key, name in _LISTS.items():
        if numbers := getattr(recurrence, name):
            parts[key] = ",".join(str(number) for number in numbers)
    if recurrence.week_start:
        parts["wkst"] = DAYS[recurrence.week_start]
    if recurrence.count:
        parts["count"] = str(recurrence.count)
    return ";".join(f"{key}:{value}" for key, value in parts.items())


def _events(calendars: Collection[int]) -> dict[int, list[Event]]:
    """By calendar, in the order they were stated."""
    found: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(calendar_id__in=calendars).select_related("rule").order_by("pk"):
        found[event.calendar_id].append(event)
    return found


def _exceptions(calendars: Collection[int]) -> dict[int, set[date]]:
    """The dates on which an event does not recur, by event."""
    found: dict[int, set[date]] = defaultdict(set)
    for event_id, original_start in _ask(CANCELLED, calendars):
        found[event_id].add(original_start.date())
    return found


def _once(events: Iterable[Event]) -> dict[date, tuple[WallWindow, ...]]:
    once: dict[date, tuple[WallWindow, ...]] = {}
    for event in events:
        if event.title == OVERRIDE:
            on = event.start.date()
            once[on] = (*once.get(on, ()), wall_window(event))
    return once


def _weekly(events: Iterable[Event]) -> tuple[tuple[WallWindow, ...], ...]:
    days: list[list[WallWindow]] = [[] for _ in range(7)]
    for event in events:
        if event.title == WEEKLY:
            days[event.start.weekday()].append(wall_window(event))
    return tuple(tuple(windows) for windows in days)


def _rules(events: Iterable[Event]) -> tuple[RecurringWindows, ...]:
    """Events of one rule are the windows of one entry."""
    ruled = [event for event in events if event.title == RULE]
    return tuple(
        RecurringWindows(
            first.rule.description,
            recurrence_of(first),
            first.start.date(),
            tuple(wall_window(event) for event in (first, *others)),
        )
        for first, *others in (list(group) for _, group in groupby(ruled, key=lambda event: event.rule_id))
    )


def _travel(schedules: Iterable[Schedule]) -> dict[int, list[Journey]]:
    found: dict[int, list[Journey]] = defaultdict(list)
    for schedule_id, *trip in _ask(TRIPS, (schedule.pk for schedule in schedules)):
        found[schedule_id].append(Journey(*trip))
    return found


def _time_off(schedules: Iterable[Schedule]) -> dict[int, list[Absence]]:
    found: dict[int, list[Absence]] = defaultdict(list)
    for schedule_id, *each in _ask(TIME_OFF, (schedule.pk for schedule in schedules)):
        found[schedule_id].append(Absence(*each))
    return found


def _ask(statement: str, keys: Iterable[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(keys)])
        return list(cursor.fetchall())
