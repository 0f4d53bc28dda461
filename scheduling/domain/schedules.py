"""A coach's schedule: stating it, reading it back, and knowing what the coach sells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from schedule.models import Calendar, Event, Occurrence, Rule

from core import audit
from core.events import announce
from core.locks import lock
from scheduling.domain.free_times import refresh_free_times
from scheduling.domain.windows import is_due, rebuild
from scheduling.events import SlotsChanged
from scheduling.models import DateOverride, Schedule, TimeOff, Trip
from scheduling.queries.plan import OVERRIDE, RULE, WEEKLY, availability_from, rule_params
from scheduling.rules.availability import NUMBERS, Availability, WallWindow
from scheduling.rules.expansion import FIRST_WEEK
from scheduling.rules.recurrence import Recurrence

if TYPE_CHECKING:
    from accounts.models import User

_LAST_MINUTE = timedelta(days=1) - timedelta(minutes=1)


def read_availability(coach: User) -> Availability:
    """What the coach stated last; the defaults in his own zone where he never did."""
    schedule = Schedule.objects.filter(coach=coach).first()
    return availability_from(schedule) if schedule else Availability(timezone=home_zone(coach))


def home_zone(coach: User) -> str:
    """The zone of the coach's schedule, before there is one that of the account."""
    zone = Schedule.objects.filter(coach=coach).values_list("timezone", flat=True).first()
    return zone or coach.zone.key


@transaction.atomic
def replace_availability(coach: User, availability: Availability, *, by: User, now: datetime) -> Schedule:
    """Make this the coach's whole schedule and build his windows. Stating it twice is stating it once.

    It is in effect afterwards, also where midnight has passed and the nightly job was not here yet.
    """
    schedule = _locked_schedule(coach)
    if schedule.built_through is not None and availability_from(schedule) == availability:
        if is_due(schedule, now):
            _build(schedule, now)
        return schedule
    for name in ("timezone", "paused_until", *NUMBERS):
        setattr(schedule, name, getattr(availability, name))
    schedule.save()
    _store_calendar(schedule, availability)
    _store_exceptions(schedule, availability)
    _build(schedule, now)
    audit.record("availability.replaced", schedule, by=by, now=now)
    return schedule


@transaction.atomic
def sell_from(coach: User, shortest_minutes: int | None, *, now: datetime) -> Schedule:
    """The seller says how long the shortest session is that the coach offers now; None: he offers none."""
    schedule = _locked_schedule(coach)
    if schedule.built_through is not None and schedule.shortest_minutes == shortest_minutes:
        return schedule
    schedule.shortest_minutes = shortest_minutes
    schedule.save(update_fields=["shortest_minutes"])
    _build(schedule, now)
    return schedule


def _locked_schedule(coach: User) -> Schedule:
    # Before there is a row to lock, two first statements would both insert one.
    lock("schedule", coach.pk)
    schedule = Schedule.objects.select_for_update().filter(coach=coach).first()
    if schedule is not None:
        return schedule
    calendar = Calendar.objects.create(name=f"Coach {coach.pk}", slug=f"coach-{coach.pk}")
    return Schedule.objects.create(coach=coach, calendar=calendar, timezone=coach.zone.key)


def _build(schedule: Schedule, now: datetime) -> None:
    """Windows and free times of a locked schedule as they are now, and the news of it."""
    rebuild([schedule], now=now)
    refresh_free_times([schedule], now=now)
    until = now + timedelta(days=schedule.booking_window_days + 2)
    announce(SlotsChanged(at=now, coach_id=schedule.coach_id, from_at=now, to_at=until))


def _store_calendar(schedule: Schedule, availability: Availability) -> None:
    """Write events and rules anew, with a cancelled occurrence wherever an override takes their place."""
    events = Event.objects.filter(calendar_id=schedule.calendar_id)
    own_rules = list(events.filter(title=RULE).values_list("rule_id", flat=True))
    events.delete()
    Rule.objects.filter(pk__in=own_rules).delete()
    recurring = _weekly_events(schedule, availability) + _ruled_events(schedule, availability)
    once = [
        _event(schedule, OVERRIDE, override.on, window)
        for override in availability.overrides
        for window in override.windows
    ]
    Event.objects.bulk_create([event for event, _ in recurring] + once)
    overridden = frozenset(override.on for override in availability.overrides)
    Occurrence.objects.bulk_create(
        _cancelled(event, on)
        for event, recurrence in recurring
        for on in sorted(recurrence.hits(event.start.date(), overridden))
    )


def _weekly_events(schedule: Schedule, availability: Availability) -> list[tuple[Event, Recurrence]]:
    every_week = Recurrence("WEEKLY")
    rule = _weekly_rule()
    return [
        (_event(schedule, WEEKLY, FIRST_WEEK + timedelta(days=weekday), window, rule), every_week)
        for weekday, windows in enumerate(availability.weekly)
        for window in windows
    ]


def _weekly_rule() -> Rule:
    """The one row that all weekly windows share: the weekday is that of the event's own date."""
    known = Rule.objects.filter(name=WEEKLY, frequency="WEEKLY", params="").order_by("pk").first()
    return known or Rule.objects.create(name=WEEKLY, description="FREQ=WEEKLY", frequency="WEEKLY")


def _ruled_events(schedule: Schedule, availability: Availability) -> list[tuple[Event, Recurrence]]:
    events = []
    for entry in availability.rules:
        recurrence = entry.recurrence
        rule = Rule.objects.create(
            name=RULE,
            description=entry.rrule,
            frequency=recurrence.frequency,
            params=rule_params(recurrence),
        )
        until = _at(recurrence.until, 0) + _LAST_MINUTE if recurrence.until else None
        for window in entry.windows:
            event = _event(schedule, RULE, entry.from_on, window, rule)
            event.end_recurring_period = until
            events.append((event, recurrence))
    return events


def _event(schedule: Schedule, kind: str, on: date, window: WallWindow, rule: Rule | None = None) -> Event:
    return Event(
        calendar_id=schedule.calendar_id,
        title=kind,
        start=_at(on, window.start),
        end=_at(on, window.end),
        rule=rule,
        creator_id=schedule.coach_id,
    )


def _cancelled(event: Event, on: date) -> Occurrence:
    start = datetime.combine(on, event.start.timetz())
    end = start + (event.end - event.start)
    return Occurrence(
        event=event, start=start, end=end, original_start=start, original_end=end, cancelled=True
    )


def _at(on: date, minute: int) -> datetime:
    """The wall clock read as UTC; see ``scheduling.queries.plan``."""
    return datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=minute)


def _store_exceptions(schedule: Schedule, availability: Availability) -> None:
    schedule.overrides.all().delete()
    schedule.time_off.all().delete()
    schedule.trips.all().delete()
    DateOverride.objects.bulk_create(
        DateOverride(schedule=schedule, on=override.on) for override in availability.overrides
    )
    TimeOff.objects.bulk_create(
        TimeOff(schedule=schedule, starts_at=absence.starts_at, ends_at=absence.ends_at)
        for absence in availability.time_off
    )
    Trip.objects.bulk_create(
        Trip(schedule=schedule, from_on=trip.from_on, to_on=trip.to_on, timezone=trip.timezone)
        for trip in availability.travel
    )
