"""What the two sides of a session are told when it is near."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from core.instants import instant_json
from core.templatetags.formats import clock, day
from marketplace.models import Session
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.domain.sessions import session_facts
from notifications.models import Notification
from scheduling.queries.reminders import timely_reminder, was_reminded

REMINDER = "marketplace/session_near"
BODY = "{offer}. The room opens ten minutes before; the invite in your calendar leads to it."


def remind_sides(booking_id: UUID, minutes_before: int, *, now: datetime) -> None:
    """Tell both sides that their session is near, each by their own clock.

    The news may be late: of a session that was cancelled or moved since, or has a later reminder due,
    nobody is told.
    """
    session = Session.objects.with_people().get(pk=booking_id)
    booking = session.booking
    if timely_reminder(booking, now) != minutes_before or not was_reminded(booking, minutes_before):
        return
    for person in (booking.candidate, booking.coach):
        tell(person, _news(session, person, minutes_before), now=now)


def reminder_letter(line: Notification, now: datetime) -> Letter | None:
    """The letter of a reminder, as long as the session stands at the start it speaks of, and it is timely."""
    booking_id, minutes_before, start = line.source.split("|")
    session = Session.objects.with_people().get(pk=UUID(booking_id))
    booking = session.booking
    if instant_json(booking.starts_at) != start or timely_reminder(booking, now) != int(minutes_before):
        return None
    return Letter(facts=session_facts(session, line.person), context={"session": session})


def _news(session: Session, person: User, minutes_before: int) -> News:
    start, zone = session.booking.starts_at, session.zone_of(person)
    other = session.name_of(session.other_than(person))
    return News(
        kind=REMINDER,
        source=f"{session.pk}|{minutes_before}|{instant_json(start)}",
        title=f"{day(start, zone)}, {clock(start, zone)}: your session with {other}",
        body=BODY.format(offer=session.offer.name),
        url=reverse("session", args=[session.pk]),
    )
