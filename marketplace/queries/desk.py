"""The coach desk: today first, then what needs an answer, then figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from accounts.models import User
from marketplace.models import Session
from scheduling.models import Booking
from scheduling.states import UNDECIDED, BookingState


@dataclass(frozen=True)
class Desk:
    """What a coach sees first. Lists are in order of time."""

    today: list[Session]
    later: list[Session]
    requests: list[Session]
    unwritten: list[Session]


LATER = 5
SCORECARD_DAYS = timedelta(days=14)


def desk_of(coach: User, now: datetime) -> Desk:
    """Sessions of today and the next ones, requests that wait, scorecards that are owed. Four queries."""
    midnight = _tomorrow(coach, now)
    mine = Session.objects.as_coach(coach).with_people()
    ahead = mine.filter(booking__state=BookingState.CONFIRMED, booking__ends_at__gt=now)
    ahead = ahead.order_by("booking__starts_at")
    return Desk(
        today=list(ahead.filter(booking__starts_at__lt=midnight)),
        later=list(ahead.filter(booking__starts_at__gte=midnight)[:LATER]),
        requests=requests_of(coach),
        unwritten=list(
            mine.filter(
                booking__state__in={BookingState.CONFIRMED, BookingState.COMPLETED},
                booking__ends_at__lte=now,
                booking__ends_at__gt=now - SCORECARD_DAYS,
                scorecard__isnull=True,
            )
            .exclude(booking__reports__state__in=UNDECIDED)
            .order_by("booking__ends_at")
        ),
    )


def requests_of(coach: User) -> list[Session]:
    """Requests that wait for this coach's answer, the one that lapses first on top."""
    sessions = Session.objects.as_coach(coach).with_people()
    waiting = sessions.filter(booking__state=BookingState.REQUESTED)
    return sorted(
        waiting, key=lambda session: session.booking.request_expires_at or session.booking.starts_at
    )


def requests_waiting(coach: User) -> int:
    return Booking.objects.filter(coach=coach, state=BookingState.REQUESTED).count()


def _tomorrow(coach: User, now: datetime) -> datetime:
    zone = coach.zone
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)
