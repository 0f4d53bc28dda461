"""What the slot arithmetic reads for one coach or many: numbers, open windows, bookings, busy times."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from scheduling.models import Schedule
from scheduling.rules.expansion import Span
from scheduling.rules.slots import Edges, Piece, Taken, Terms, open_minutes
from scheduling.rules.wallclock import DAY, ZoneClock, instant_of, minute_from, minute_of
from scheduling.states import OCCUPYING

LONGEST_SESSION = timedelta(days=2)
"""No session with its buffers is longer, so nothing that starts earlier reaches into a question."""
A_WEEK_EITHER_SIDE = timedelta(days=9)

# The three reads of every search, in whole minutes. By hand: the ORM takes five times as long to ask them.
WINDOWS = """
SELECT coach_id, floor(date_part('epoch', lower(period)) / 60)::bigint,
       floor(date_part('epoch', upper(period)) / 60)::bigint,
       floor(date_part('epoch', anchor_at) / 60)::bigint
FROM scheduling_openwindow
WHERE coach_id = ANY(%(coaches)s) AND "on" BETWEEN %(first)s AND %(last)s
"""
TAKEN = """
SELECT coach_id, floor(date_part('epoch', starts_at) / 60)::bigint,
       floor(date_part('epoch', lower(blocked)) / 60)::bigint,
       ceil(date_part('epoch', upper(blocked)) / 60)::bigint
FROM scheduling_booking
WHERE coach_id = ANY(%(coaches)s) AND starts_at >= %(from)s AND starts_at < %(to)s
  AND state = ANY(%(states)s)
  AND NOT (state = 'held' AND NOT guarded AND NOT from_waitlist AND hold_expires_at <= %(now)s)
"""
BUT_ONE = " AND id <> %(without)s"
# Busy times, and of each connected calendar until when it is known and whether it is stale (rule 14).
BUSY = """
SELECT owner_id, floor(date_part('epoch', lower(period)) / 60)::bigint,
       ceil(date_part('epoch', upper(period)) / 60)::bigint, NULL::bigint, NULL::boolean
FROM scheduling_busytime
WHERE owner_id = ANY(%(coaches)s) AND upper(period) > %(from)s AND lower(period) < %(to)s
UNION ALL
SELECT owner_id, NULL, NULL, coalesce(floor(date_part('epoch', read_until) / 60)::bigint, 0),
       stale_at IS NULL OR stale_at < %(now)s
FROM scheduling_connectedcalendar
WHERE owner_id = ANY(%(coaches)s)
"""
NEVER = 2**40
"""A minute that no question reaches."""


class Known(NamedTuple):
    """How far ahead a connected calendar was read, in minutes, and whether that is too long ago."""

    until: int
    stale: bool


@dataclass(frozen=True, slots=True)
class Openings:
    """One coach between two instants."""

    schedule: Schedule
    pieces: list[Piece] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    busy: list[Span] = field(default_factory=list)
    calendars: list[Known] = field(default_factory=list)

    @property
    def is_stale(self) -> bool:
        """Whether a connected calendar has not answered for too long."""
        return any(calendar.stale for calendar in self.calendars)

    @property
    def unknown(self) -> list[Span]:
        """What lies further ahead than a connected calendar was read."""
        return [Span(calendar.until, NEVER) for calendar in self.calendars]

    @property
    def terms(self) -> Terms:
        schedule = self.schedule
        return Terms(
            zone=ZoneClock(schedule.timezone),
            interval=schedule.slot_interval_minutes,
            before=schedule.buffer_before_minutes,
            after=schedule.buffer_after_minutes,
            max_per_day=schedule.max_per_day,
            max_per_week=schedule.max_per_week,
        )

    def starts(self, duration: int, from_at: datetime, to_at: datetime, now: datetime) -> list[int]:
        """The bookable minutes ``m`` with ``from_at ≤ m < to_at``, in order."""
        if self.is_stale or is_paused(self.schedule, now):
            return []
        edges = Edges(
            first=max(minute_from(from_at), earliest(self.schedule, now)),
            end=minute_from(to_at),
            last_day=last_day(self.schedule, now),
        )
        return self.minutes(duration, edges)

    def minutes(self, duration: int, edges: Edges) -> list[int]:
        """The same whatever the clock says: notice, pause, booking window and staleness aside."""
        busy = [*self.busy, *self.unknown]
        return open_minutes(
            self.pieces, self.taken, duration=duration, terms=self.terms, edges=edges, busy=busy
        )


def openings(
    coach_ids: Collection[int],
    *,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    without: UUID | None = None,
) -> dict[int, Openings]:
    """All that starts between the instants depend on, per coach with a schedule. Four queries.

    ``without`` a booking: as if it were not there, for it is to be moved (rule 15).
    """
    schedules = Schedule.objects.filter(coach_id__in=coach_ids)
    return openings_of(schedules, from_at=from_at, to_at=to_at, now=now, without=without)


def openings_of(
    schedules: Iterable[Schedule],
    *,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    without: UUID | None = None,
) -> dict[int, Openings]:
    """The same for schedules that were read already. Three queries."""
    found = {schedule.coach_id: Openings(schedule) for schedule in schedules}
    if not found:
        return {}
    to_at = min(to_at, max(_booking_window_end(each.schedule, now) for each in found.values()))
    for coach_id, *window in window_rows(found, from_at, to_at):
        found[coach_id].pieces.append(Piece(*window))
    limited = any(each.schedule.max_per_day or each.schedule.max_per_week for each in found.values())
    margin = A_WEEK_EITHER_SIDE if limited else LONGEST_SESSION
    for coach_id, *booking in taken_rows(found, from_at - margin, to_at + margin, now, without=without):
        found[coach_id].taken.append(Taken(*booking))
    _add_calendars(found, from_at - LONGEST_SESSION, to_at + LONGEST_SESSION, now)
    return found


def _add_calendars(found: Mapping[int, Openings], from_at: datetime, to_at: datetime, now: datetime) -> None:
    values = {"coaches": list(found), "from": from_at, "to": to_at, "now": now}
    for coach_id, start, end, until, stale in _rows(BUSY, values):
        if until is None:
            found[coach_id].busy.append(Span(start, end))
        else:
            found[coach_id].calendars.append(Known(until, stale))


def taken_rows(
    coach_ids: Iterable[int],
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    *,
    without: UUID | None = None,
) -> list[tuple[int, int, int, int]]:
    """``(coach, start, blocked from, blocked to)`` of the bookings that slots regard.

    A lapsed hold that nobody can pay any more is not among them: a try expires it in passing (rule 12). What
    was offered to one who waited is: a job offers it to the next (rule 18).
    """
    values = {
        "coaches": list(coach_ids),
        "from": from_at,
        "to": to_at,
        "now": now,
        "states": sorted(OCCUPYING),
    }
    if without is None:
        return _rows(TAKEN, values)
    return _rows(TAKEN + BUT_ONE, {**values, "without": without})


def window_rows(
    coach_ids: Iterable[int], from_at: datetime, to_at: datetime
) -> list[tuple[int, int, int, int]]:
    """``(coach, start, end, anchor)`` of the open windows in and around that time."""
    first, last = from_at.date() - LONGEST_SESSION, to_at.date() + LONGEST_SESSION
    return _rows(WINDOWS, {"coaches": list(coach_ids), "first": first, "last": last})


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def is_paused(schedule: Schedule, now: datetime) -> bool:
    return schedule.paused_until is not None and now < schedule.paused_until


def earliest(schedule: Schedule, now: datetime) -> int:
    """The first minute that has the notice."""
    return minute_from(now + timedelta(minutes=schedule.minimum_notice_minutes))


def last_day(schedule: Schedule, now: datetime) -> int:
    """The last local date of the booking window."""
    return ZoneClock(schedule.timezone).day(minute_of(now)) + schedule.booking_window_days


def bookable_between(schedule: Schedule, now: datetime) -> tuple[datetime, datetime]:
    """From the end of the notice until the end of the booking window: starts elsewhere are never offered."""
    closes = ZoneClock(schedule.timezone).midnight(last_day(schedule, now) + 1)
    return instant_of(earliest(schedule, now)), instant_of(closes)


def _booking_window_end(schedule: Schedule, now: datetime) -> datetime:
    """An instant that is surely past the booking window."""
    return instant_of((last_day(schedule, now) + 2) * DAY)
