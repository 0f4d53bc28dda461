"""The calendar invite of a session, the same by mail, from the page and from the API."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from marketplace.models import Session
from scheduling.domain.invites import invite

if TYPE_CHECKING:
    from accounts.models import User


def invitation(session: Session, *, reader: User, now: datetime) -> bytes:
    """An iCalendar file for one side: REQUEST while the session stands, CANCEL afterwards."""
    coach, candidate = session.booking.coach.coach, session.booking.candidate
    page = settings.SITE_URL + session.get_absolute_url()
    return invite(
        session.booking,
        attendee=reader,
        title=f"{session.offer.name}: {coach.name} and {candidate.display_name}",
        location=page,
        url=page,
        organizer=settings.DEFAULT_FROM_EMAIL,
        now=now,
    )
