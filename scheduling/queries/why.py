"""Why is this time not offered? The first rule that refuses it (rule 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.models import Schedule
from scheduling.queries.busy import busy_calendar, unread_calendar
from scheduling.queries.openings import Openings, earliest, is_paused, last_day, openings
from scheduling.queries.plan import plan_from
from scheduling.rules.expansion import Plan, scheduled
from scheduling.rules.slots import (
    Piece,
    bookings_per_day,
    bookings_per_week,
    fits,
    is_busy,
    is_on_grid,
    overlapping,
    spans_of,
)
from scheduling.rules.wallclock import (
    DAY,
    ZoneClock,
    date_of,
    day_of,
    instant_of,
    minute_from,
    minute_of,
    week_of,
)

AROUND = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one instant: bookable, or the code of the first rule against it and a sentence."""

    bookable: bool
    reason: str | None = None
    detail: str = ""


SENTENCES = {
    "inactive": "This is not offered at the moment.",
    "paused": "Bookings are paused until {paused_until}.",
    "past": "This time has passed.",
    "notice": "Bookings need {notice} minutes of notice: the first possible start is {earliest}.",
    "booking_window": "Bookings are open {window} days ahead, until {last_on}.",
    "calendar_stale": "The connected calendar “{calendar}” could not be read lately.",
    "day_off": "{on} is a day off.",
    "time_off": "This lies in time off.",
    "outside_hours": "The session would not lie inside working hours.",
    "booked": "There is another booking at this time, its buffers included.",
    "busy": "The connected calendar “{calendar}” says that you are busy then, buffers included.",
    "daily_limit": "{on} already has as many sessions as one day may have.",
    "weekly_limit": "The week of {on} already has as many sessions as one week may have.",
    "off_grid": "Sessions start every {interval} minutes from the beginning of working hours.",
}


def why_not(
    coach_id: int,
    *,
    duration_minutes: int,
    at: datetime,
    now: datetime,
    seller_reason: str | None = None,
    without: UUID | None = None,
) -> Why:
    """Whether a session can be booked at ``at``, and if not, the first rule that refuses it.

    ``seller_reason`` is the seller's own refusal (``inactive``), which comes before all others;
    ``without`` leaves a booking out that is to be moved.
    Four queries, four more to tell the kinds of closed time apart, one to name a calendar.
    """
    near = openings([coach_id], from_at=at - AROUND, to_at=at + AROUND, now=now, without=without)
    found = near.get(coach_id)
    if found is None:
        return Why(
            bookable=False, reason=seller_reason or "outside_hours", detail="There is no schedule yet."
        )
    reason = seller_reason or _first_reason(found, duration_minutes, at, now)
    if reason is None:
        return Why(bookable=True)
    calendar = _calendar_of(reason, found.schedule, at, at + timedelta(minutes=duration_minutes), now)
    return _refused(reason, found.schedule, at, now, calendar=calendar)


def _first_reason(found: Openings, duration: int, at: datetime, now: datetime) -> str | None:
    """The rules in their order."""
    minute = minute_of(at)
    # An instant inside a minute needs that whole minute to be free; off the grid it is anyway.
    length = duration + minute_from(at) - minute
    return (
        _too_early_or_late(found.schedule, at, now)
        or ("calendar_stale" if _is_unknown(found, minute, length) else None)
        or _closed(found, minute, length)
        or ("booked" if overlapping(found.taken, minute, length, found.terms) else None)
        or ("busy" if is_busy(found.busy, minute, length, found.terms) else None)
        or _limit(found, minute)
        or _off_grid(found, at)
    )


def _too_early_or_late(schedule: Schedule, at: datetime, now: datetime) -> str | None:
    if is_paused(schedule, now):
        return "paused"
    if at < now:
        return "past"
    if at < now + timedelta(minutes=schedule.minimum_notice_minutes):
        return "notice"
    if ZoneClock(schedule.timezone).day(minute_of(at)) > last_day(schedule, now):
        return "booking_window"
    return None


def _is_unknown(found: Openings, minute: int, length: int) -> bool:
    return found.is_stale or is_busy(found.unknown, minute, length, found.terms)


def _closed(found: Openings, minute: int, length: int) -> str | None:
    if fits(spans_of(found.pieces), minute, length):
        return None
    plan = plan_from(found.schedule)
    if _is_day_off(plan, found.schedule, minute):
        return "day_off"
    days = (date_of(minute // DAY - 2), date_of((minute + length) // DAY + 2))
    whole = (Piece(window.start, window.end, window.anchor) for window in scheduled(plan, *days))
    return "time_off" if fits(spans_of(whole), minute, length) else "outside_hours"


def _is_day_off(plan: Plan, schedule: Schedule, minute: int) -> bool:
    """Whether an override closes the local date, read in the zone that holds on that date."""
    near = [date_of(minute // DAY + step) for step in (-1, 0, 1)]
    dates = [on for on in near if ZoneClock(plan.zone_on(on)).day(minute) == day_of(on)]
    return schedule.overrides.filter(on__in=[on for on in dates if on not in plan.once]).exists()


def _limit(found: Openings, minute: int) -> str | None:
    terms = found.terms
    day = terms.zone.day(minute)
    per_day = bookings_per_day(found.taken, terms.zone)
    if terms.max_per_day is not None and per_day[day] >= terms.max_per_day:
        return "daily_limit"
    if terms.max_per_week is not None and bookings_per_week(per_day)[week_of(day)] >= terms.max_per_week:
        return "weekly_limit"
    return None


def _off_grid(found: Openings, at: datetime) -> str | None:
    is_whole = minute_of(at) == minute_from(at)
    on_grid = is_on_grid(found.pieces, minute_of(at), found.terms.interval)
    return None if is_whole and on_grid else "off_grid"


def _calendar_of(
    reason: str, schedule: Schedule, starts_at: datetime, ends_at: datetime, now: datetime
) -> str:
    """The name of the connected calendar that refuses, where one does."""
    if reason == "calendar_stale":
        return unread_calendar(schedule.coach_id, now)
    if reason != "busy":
        return ""
    before = timedelta(minutes=schedule.buffer_before_minutes)
    after = timedelta(minutes=schedule.buffer_after_minutes)
    return busy_calendar(schedule.coach_id, starts_at - before, ends_at + after)


def _refused(reason: str, schedule: Schedule, at: datetime, now: datetime, *, calendar: str) -> Why:
    """The sentence speaks of the coach's own clocks."""
    zone = ZoneInfo(schedule.timezone)
    detail = SENTENCES.get(reason, SENTENCES["inactive"]).format(
        paused_until=_wall(schedule.paused_until, zone) if schedule.paused_until else "",
        notice=schedule.minimum_notice_minutes,
        earliest=_wall(instant_of(earliest(schedule, now)), zone),
        window=schedule.booking_window_days,
        last_on=date_of(last_day(schedule, now)),
        on=at.astimezone(zone).date(),
        interval=schedule.slot_interval_minutes,
        calendar=calendar,
    )
    return Why(bookable=False, reason=reason, detail=detail)


def _wall(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
