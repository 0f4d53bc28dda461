"""What the slot arithmetic reads: a schedule's numbers, open windows and bookings, for one coach or many."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q

from scheduling.models import Booking, OpenWindow, Schedule
from scheduling.queries.minutes import Lower, MinuteFrom, MinuteOf, Upper
from scheduling.rules.slots import Edges, Piece, Taken, Terms, open_minutes
from scheduling.rules.wallclock import DAY, ZoneClock, instant_of, minute_from, minute_of
from scheduling.states import BookingState

LONGEST_SESSION = timedelta(days=2)
"""No session with its buffers is longer, so nothing that starts earlier reaches into a question."""
A_WEEK_EITHER_SIDE = timedelta(days=9)


@dataclass(frozen=True, slots=True)
class Openings:
    """One coach between two instants."""

    schedule: Schedule
    pieces: list[Piece] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

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
        if is_paused(self.schedule, now):
            return []
        edges = Edges(
            first=max(minute_from(from_at), earliest(self.schedule, now)),
            end=minute_from(to_at),
            last_day=last_day(self.schedule, now),
        )
        return open_minutes(self.pieces, self.taken, duration=duration, terms=self.terms, edges=edges)


def openings(
    coach_ids: Collection[int], *, from_at: datetime, to_at: datetime, now: datetime
) -> dict[int, Openings]:
    """All that starts between the instants depend on, per coach with a schedule. Three queries."""
    found = {
        schedule.coach_id: Openings(schedule) for schedule in Schedule.objects.filter(coach_id__in=coach_ids)
    }
    if not found:
        return {}
    to_at = min(to_at, max(_booking_window_end(each.schedule, now) for each in found.values()))
    for coach_id, *window in _windows(found, from_at, to_at):
        found[coach_id].pieces.append(Piece(*window))
    limited = any(each.schedule.max_per_day or each.schedule.max_per_week for each in found.values())
    margin = A_WEEK_EITHER_SIDE if limited else LONGEST_SESSION
    for coach_id, *booking in taken_rows(found, from_at - margin, to_at + margin, now):
        found[coach_id].taken.append(Taken(*booking))
    return found


def taken_rows(
    coach_ids: Iterable[int], from_at: datetime, to_at: datetime, now: datetime
) -> Iterable[tuple[int, int, int, int]]:
    """``(coach, start, blocked from, blocked to)`` of the bookings that slots regard.

    A lapsed hold that nobody can pay any more is not among them: a try expires it in passing (rule 12).
    """
    lapsed = Q(state=BookingState.HELD, guarded=False, hold_expires_at__lte=now)
    return (
        Booking.objects.occupying()
        .filter(~lapsed, coach_id__in=list(coach_ids), starts_at__gte=from_at, starts_at__lt=to_at)
        .values_list(
            "coach_id",
            MinuteOf(F("starts_at")),
            MinuteOf(Lower(F("blocked"))),
            MinuteFrom(Upper(F("blocked"))),
        )
    )


def is_paused(schedule: Schedule, now: datetime) -> bool:
    return schedule.paused_until is not None and now < schedule.paused_until


def earliest(schedule: Schedule, now: datetime) -> int:
    """The first minute that has the notice."""
    return minute_from(now + timedelta(minutes=schedule.minimum_notice_minutes))


def last_day(schedule: Schedule, now: datetime) -> int:
    """The last local date of the booking window."""
    return ZoneClock(schedule.timezone).day(minute_of(now)) + schedule.booking_window_days


def _booking_window_end(schedule: Schedule, now: datetime) -> datetime:
    """An instant that is surely past the booking window."""
    return instant_of((last_day(schedule, now) + 2) * DAY)


def _windows(
    coach_ids: Iterable[int], from_at: datetime, to_at: datetime
) -> Iterable[tuple[int, int, int, int]]:
    near = (from_at.date() - LONGEST_SESSION, to_at.date() + LONGEST_SESSION)
    return OpenWindow.objects.filter(coach_id__in=list(coach_ids), on__range=near).values_list(
        "coach_id", MinuteOf(Lower(F("period"))), MinuteOf(Upper(F("period"))), MinuteOf(F("anchor_at"))
    )
