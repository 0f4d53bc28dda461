"""Where the two sides meet."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from marketplace.models import Session
from scheduling.states import BookingState


def join_url(session: Session, *, now: datetime) -> str | None:
    """The address of the video room, from ten minutes before a confirmed session until its end."""
    booking = session.booking
    opens_at = booking.starts_at - settings.JOIN_OPENS_BEFORE
    if booking.state != BookingState.CONFIRMED or not opens_at <= now < booking.ends_at:
        return None
    return booking.coach.coach.video_url or f"{settings.VIDEO_ROOMS}/{booking.pk}"
