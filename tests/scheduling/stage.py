"""What bookings are tested on: a coach who is open around the clock, and rows in any state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from django.utils.text import slugify
from schedule.models import Calendar

from core.models import AuditLine
from scheduling.domain.holds import hold_slot
from scheduling.domain.policies import current_policy
from scheduling.domain.terms import SessionTerms
from scheduling.models import Booking, OpenWindow, Schedule
from scheduling.rules.availability import WEEKDAYS
from scheduling.states import BookingState as S

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""
HOUR = timedelta(hours=1)
TOMORROW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
"""A start beyond the notice, on the grid."""

PAID = SessionTerms("mock", duration_minutes=60, paid=True, needs_approval=False, terms="mock")
FREE = SessionTerms("chat", duration_minutes=60, paid=False, needs_approval=False, terms="chat")
ASKED = SessionTerms("advice", duration_minutes=60, paid=False, needs_approval=True, terms="advice")
PAID_ASKED = SessionTerms("deep", duration_minutes=60, paid=True, needs_approval=True, terms="deep")


def open_around_the_clock(coach, *, days=30, first=NOW, **numbers):
    """Every day from midnight to midnight UTC, on a grid of half hours."""
    calendar = Calendar.objects.create(name=coach.name, slug=slugify(coach.name))
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    schedule = Schedule.objects.create(
        coach=coach, calendar=calendar, timezone="UTC", shortest_minutes=60, **numbers
    )
    starts = [midnight + timedelta(days=day) for day in range(days)]
    OpenWindow.objects.bulk_create(
        OpenWindow(coach=coach, on=start.date(), period=(start, start + timedelta(days=1)), anchor_at=start)
        for start in starts
    )
    return schedule


def all_day(**numbers):
    """The body of a schedule that is open around the clock."""
    return {"timezone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}, **numbers}


def hold(coach, candidate, starts_at=TOMORROW, terms=PAID, now=NOW):
    """The try of a candidate who reads times in London."""
    return hold_slot(
        coach_id=coach.pk,
        candidate=candidate,
        starts_at=starts_at,
        terms=terms,
        timezone="Europe/London",
        now=now,
    )


def row(coach, candidate, state=S.HELD, starts_at=TOMORROW, *, minutes=60, buffer=0, now=NOW, **columns):
    """A booking that is simply there; its columns fit its state unless they are given."""
    booking = Booking(
        coach=coach,
        candidate=candidate,
        state=state,
        offer="mock",
        terms="mock",
        timezone="Europe/London",
        policy=current_policy(now),
        created_at=now,
        **{**_columns(state, now), **columns},
    )
    around = timedelta(minutes=buffer)
    booking.set_time(starts_at, starts_at + timedelta(minutes=minutes), before=around, after=around)
    booking.save(force_insert=True)
    return booking


def _columns(state, now):
    of_state = {
        S.HELD: {"hold_expires_at": now + timedelta(minutes=10)},
        S.REQUESTED: {"requested_at": now},
        S.CANCELLED: {"cancelled_at": now},
        S.DECLINED: {"requested_at": now, "declined_at": now},
        S.EXPIRED: {"expired_at": now, "expired_from": "held"},
    }
    return of_state.get(state, {"confirmed_at": now})


held = partial(row, state=S.HELD)
requested = partial(row, state=S.REQUESTED)
confirmed = partial(row, state=S.CONFIRMED)


def state_of(booking):
    return Booking.objects.values_list("state", flat=True).get(pk=booking.pk)


def history(booking):
    """The audit trail as ``(action, address of who did it)``."""
    lines = AuditLine.objects.filter(subject__endswith=str(booking.pk)).order_by("id")
    return list(lines.values_list("action", "by__email"))


def overlapping_pairs():
    """Live bookings of one coach or one candidate that overlap; there are never any."""
    live = list(Booking.objects.live())
    return [
        (one, other)
        for at, one in enumerate(live)
        for other in live[at + 1 :]
        if (one.coach_id == other.coach_id and _overlap(one.blocked, other.blocked))
        or (one.candidate_id == other.candidate_id and _overlap(one.period, other.period))
    ]


def _overlap(one, other):
    return one.lower < other.upper and other.lower < one.upper
