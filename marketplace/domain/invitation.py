"""A session in its people's calendars: the invite, the same by mail, from the page and the API; the feed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from core.audit import last_changes
from marketplace.models import Session
from scheduling.domain.invites import Appointment, feed, invite
from scheduling.models import Booking
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User

# What a feed remembers; whoever follows it keeps no more either.
LOOKS_BACK = timedelta(days=90)
STANDING = (
    BookingState.REQUESTED,
    BookingState.CONFIRMED,
    BookingState.COMPLETED,
    BookingState.NO_SHOW_CANDIDATE,
    BookingState.NO_SHOW_COACH,
)


def invitation(session: Session, *, reader: User, now: datetime) -> bytes:
    """An iCalendar file for one side: REQUEST while the session stands, CANCEL afterwards."""
    return invite(appointment(session), attendee=reader, organizer=settings.DEFAULT_FROM_EMAIL, now=now)


def sessions_calendar(reader: User, *, now: datetime) -> bytes:
    """The sessions of a person on both sides, 90 days back and all ahead, as a calendar to follow.

    Asked for twice it is the same to the byte while nothing changed. Two queries.
    """
    standing = (
        Session.objects.of(reader)
        .filter(booking__state__in=STANDING, booking__ends_at__gt=now - LOOKS_BACK)
        .select_related("booking__candidate", "booking__coach__coach", "offer")
        .order_by("booking__starts_at", "pk")
    )
    sessions = list(standing)
    changed = last_changes([session.booking for session in sessions])
    return feed(
        ((appointment(session), _changed_at(session.booking, changed)) for session in sessions),
        uid=f"sessions-of-{reader.pk}",
        name=f"{settings.SITE_NAME} sessions",
    )


def appointment(session: Session) -> Appointment:
    """What a session is called in a calendar, and where it takes place."""
    coach, candidate = session.booking.coach.coach, session.booking.candidate
    page = settings.SITE_URL + session.get_absolute_url()
    return Appointment(
        booking=session.booking,
        title=f"{session.offer.name}: {coach.name} and {candidate.display_name}",
        location=page,
        url=page,
    )


def _changed_at(booking: Booking, changed: dict[str, datetime]) -> datetime:
    return changed.get(str(booking.pk), booking.created_at)
