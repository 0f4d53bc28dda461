"""What the two sides of a session are told, and the letters that say it in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from core.templatetags.formats import clock, day, duration, money, zone_label
from marketplace.domain.invitation import invitation
from marketplace.models import Session
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Invite, Letter, LetterWriter
from notifications.models import Notification
from payments.queries import amounts_of
from payments.queries.going_back import going_back_of
from scheduling.domain.invites import method_of
from scheduling.states import BookingState, Side

Words = tuple[str, str]


@dataclass(frozen=True)
class Wording:
    """Title and sentence for each side; a side without words hears nothing."""

    candidate: Words | None = None
    coach: Words | None = None


WORDING = {
    "booking_requested": Wording(
        candidate=(
            "Your request is with {coach}",
            "{offer}, {when}. You hear from us as soon as it is answered.",
        ),
        coach=(
            "{candidate} asks for {when}",
            "{offer}. Please answer within two days, or the request lapses.",
        ),
    ),
    "booking_confirmed": Wording(
        candidate=(
            "Booked: {coach}, {when}",
            "{offer}. The invite is in your mail; the room opens ten minutes before.",
        ),
        coach=(
            "New session: {candidate}, {when}",
            "{offer}. What {candidate} prepared is on the session's page.",
        ),
    ),
    "booking_declined": Wording(
        candidate=("{coach} cannot take {when}", "{offer}. Whatever you paid is on its way back in full."),
    ),
    "booking_expired": Wording(
        candidate=(
            "Your request for {when} lapsed",
            "{coach} did not answer in time. Whatever you paid goes back in full.",
        ),
        coach=("The request of {candidate} lapsed", "{when} is free again: it was not answered in time."),
    ),
    "booking_cancelled": Wording(
        candidate=(
            "Cancelled: {coach}, {when}",
            "{offer} does not take place. What you get back is on the session's page.",
        ),
        coach=("Cancelled: {candidate}, {when}", "{offer} does not take place. The time is free again."),
    ),
    "waitlist_offered": Wording(
        candidate=(
            "A time is free: {coach}, {when}",
            "{offer}. It is held for you alone for {hold_length}; then it goes to whoever waits after you.",
        ),
    ),
    "payment_returned": Wording(
        candidate=(
            "Your payment goes back",
            "{offer}, {when}: the time was gone when the payment arrived. Nothing is kept.",
        ),
    ),
    "scorecard_delivered": Wording(
        candidate=(
            "Your scorecard from {coach} is here",
            "{offer}, {when}: five levels per skill, with your own words.",
        ),
    ),
}

WITH_INVITE = {"booking_confirmed", "booking_cancelled"}
WHILE_HELD = {"waitlist_offered"}


def tell_sides(event: str, booking_id: UUID, *, now: datetime) -> None:
    """Tell each side of the session what ``event`` (a key of WORDING) means for them."""
    session = Session.objects.with_people().get(pk=booking_id)
    wording = WORDING[event]
    for person, words in (
        (session.booking.candidate, wording.candidate),
        (session.booking.coach, wording.coach),
    ):
        if words:
            tell(person, _news(event, session, person, words), now=now)


def session_letter(event: str) -> LetterWriter:
    """The letter for an event of WORDING: who, when in both zones, what it costs, the invite."""

    def write(line: Notification, now: datetime) -> Letter | None:
        person = line.person
        session = Session.objects.with_people().get(pk=UUID(line.source))
        if event in WHILE_HELD and not session.booking.is_unexpired_hold(now):
            return None
        side = session.side_of(person)
        return Letter(
            facts=session_facts(session, person),
            context={
                "session": session,
                "is_coach": side == Side.COACH,
                "booking": session.booking,
                "refunds": [] if side == Side.COACH else going_back_of(session.subject, now=now),
            },
            invite=session_invite(session, line) if event in WITH_INVITE else None,
        )

    return write


def _news(event: str, session: Session, person: User, words: Words) -> News:
    values = {
        "coach": session.name_of(session.booking.coach),
        "candidate": session.name_of(session.booking.candidate),
        "offer": session.offer.name,
        "when": told_time(session.booking.starts_at, session.zone_of(person)),
        "hold_length": duration(settings.WAITLIST_HOLD_LENGTH),
    }
    title, body = (text.format(**values) for text in words)
    return News(
        kind=f"marketplace/{event}",
        source=str(session.pk),
        title=title,
        body=body,
        url=reverse("session", args=[session.pk]),
    )


def told_time(instant: datetime, zone: ZoneInfo) -> str:
    """``Tue 3 Nov, 10:00``: as a title or a sentence says it; the facts of a letter name the zone."""
    return f"{day(instant, zone)}, {clock(instant, zone)}"


def told_in_zone(instant: datetime, zone: ZoneInfo) -> str:
    """``Tue 3 Nov, 10:00, Europe/London (UTC+0)``: as the facts of a letter say it."""
    return f"{told_time(instant, zone)}, {zone_label(zone, instant)}"


def session_facts(session: Session, person: User) -> list[tuple[str, str]]:
    """With whom, what, when in both zones, and the money, as ``person`` is told it."""
    other, starts_at = session.other_than(person), session.booking.starts_at
    name, own, others = session.name_of(other), session.zone_of(person), session.zone_of(other)
    facts = [
        ("With", name),
        ("Session", f"{session.offer.name}, {session.offer.duration_minutes} minutes"),
        ("Your time", told_in_zone(starts_at, own)),
        (f"{name.split(' ')[0]}’s time", told_in_zone(starts_at, others)),
    ]
    return [*facts, *_hold_facts(session, own), *_money_facts(session, person)]


def _hold_facts(session: Session, zone: ZoneInfo) -> list[tuple[str, str]]:
    booking = session.booking
    if booking.state != BookingState.HELD or booking.hold_expires_at is None:
        return []
    return [("Held for you until", told_in_zone(booking.hold_expires_at, zone))]


def _money_facts(session: Session, person: User) -> list[tuple[str, str]]:
    amounts = amounts_of(session.subject)
    if amounts is None or not amounts.paid:
        return []
    if session.side_of(person) == Side.COACH:
        return [("Your share", money(amounts.coach_share))]
    back = [("Going back to you", money(amounts.refunded))] if amounts.refunded else []
    return [("Paid", money(amounts.paid)), *back]


def session_invite(session: Session, line: Notification) -> Invite:
    """The session's invite for the reader of ``line``, as the session stands."""
    content = invitation(session, reader=line.person, now=line.created_at)
    return Invite(content, method_of(session.booking))
