"""Sessions in connected calendars, in the words in which the marketplace sells them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.periodic import each
from marketplace.domain.invitation import appointment
from marketplace.models import Session
from scheduling.domain.copies import due_for_mirroring, mirror


def mirror_session(booking_id: UUID, *, now: datetime) -> int:
    """Make its people's connected calendars say what the session is now. Never in a transaction.

    Answers how many had to be changed; none for a booking that nobody sold.
    """
    session = Session.objects.with_people().filter(pk=booking_id).first()
    return mirror(appointment(session), now=now) if session else 0


def mirror_due(now: datetime) -> int:
    """Write what a crash, a calendar that did not answer or one that was connected later left behind."""
    return each(due_for_mirroring(now), lambda pk: mirror_session(pk, now=now))
