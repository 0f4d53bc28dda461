"""Where the two sides meet."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from marketplace.models import Session
from scheduling.domain.invites import invite
from scheduling.states import BookingState


def join_url(session: Session, *, now: datetime) -> str | None:
    """The address of the video room, from ten minutes before a confirmed session until its end."""
    booking = session.booking
    opens_at = booking.starts_at - settings.JOIN_OPENS_BEFORE
    if booking.state != BookingState.CONFIRMED or not opens_at <= now < booking.ends_at:
        return None
    return room_of(session)


def room_of(session: Session) -> str:
    """The coach's own room, or one that nobody can guess."""
    return session.booking.coach.coach.video_url or f"{settings.VIDEO_ROOMS}/{session.pk}"


def session_invite(session: Session, *, now: datetime) -> bytes:
    """The calendar invite of a session, for a mail or a download (iCalendar)."""
    return invite(
        session.booking,
        title=f"{session.offer.name} with {session.booking.coach.coach.name}",
        location=room_of(session),
        url=settings.SITE_URL + session.get_absolute_url(),
        organizer=settings.DEFAULT_FROM_EMAIL,
        now=now,
    )
