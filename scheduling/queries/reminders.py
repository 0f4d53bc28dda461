"""Which reminder of a session is timely."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from scheduling.models import Booking
from scheduling.states import BookingState

MINUTE = timedelta(minutes=1)


def timely_reminder(booking: Booking, now: datetime) -> int | None:
    """How many minutes before the start the reminder is that a confirmed session is due now, if any.

    Of several that are due the latest: nobody reads of tomorrow an hour before.
    """
    ahead = booking.starts_at - now
    if booking.state != BookingState.CONFIRMED or ahead <= timedelta():
        return None
    due = [before for before in settings.REMINDERS_BEFORE if ahead <= before]
    return min(due) // MINUTE if due else None


def was_reminded(booking: Booking, minutes_before: int) -> bool:
    """Whether both sides were reminded of this very start, so long before it."""
    return booking.reminders.filter(minutes_before=minutes_before, starts_at=booking.starts_at).exists()
