"""What the two sides are told about another time for their session: moved, asked for, left as it was."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from core.instants import parse_instant
from marketplace.models import Session
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.domain.sessions import session_facts, session_invite, told_in_zone, told_time
from notifications.models import Notification
from scheduling.models import MoveProposal
from scheduling.queries.moves import answerable_proposal, last_proposal
from scheduling.states import BookingState, ProposalState, Side

MOVED = "marketplace/booking_moved"
PROPOSED = "marketplace/move_proposed"
SETTLED = "marketplace/move_settled"

# By outcome and side: title and sentence. ``was`` is the time that stands, ``new`` what was asked for.
SETTLEMENTS = {
    (ProposalState.REFUSED, Side.COACH): (
        "{other} keeps {was}",
        "{offer} stays where it is. As you asked to move it, {other} may cancel at no cost until {until}.",
    ),
    (ProposalState.LAPSED, Side.COACH): (
        "No answer from {other}: {was} stands",
        "{offer} stays where it is. Your proposal, {new}, was not answered in time.",
    ),
    (ProposalState.LAPSED, Side.CANDIDATE): (
        "Your session with {other} stays at {was}",
        "{offer}. {other} had asked for {new} and got no answer.",
    ),
    (ProposalState.WITHDRAWN, Side.CANDIDATE): (
        "{other} keeps {was} after all",
        "{offer} stays where it is. There is nothing to answer any more.",
    ),
}


def tell_of_move(booking_id: UUID, from_at: datetime, *, now: datetime) -> None:
    """Tell both sides where the session went, each by their own clock; that it is off is other news."""
    session = Session.objects.with_people().get(pk=booking_id)
    booking = session.booking
    if booking.state == BookingState.CANCELLED:
        return
    for person in (booking.candidate, booking.coach):
        zone = session.zone_of(person)
        other = session.name_of(session.other_than(person))
        title = f"Moved: {other}, {told_time(booking.starts_at, zone)}"
        body = f"{session.offer.name}. It was {told_time(from_at, zone)}."
        tell(person, _news(MOVED, session, f"{from_at.isoformat()}|{now.isoformat()}", title, body), now=now)


def tell_of_proposal(proposal_id: int, *, now: datetime) -> None:
    """Ask the candidate for an answer, while there is something to answer."""
    proposal = MoveProposal.objects.get(pk=proposal_id)
    if proposal.state != ProposalState.OPEN:
        return
    session = Session.objects.with_people().get(pk=proposal.booking_id)
    person = session.booking.candidate
    zone = session.zone_of(person)
    title = f"{session.name_of(session.booking.coach)} asks for {told_time(proposal.starts_at, zone)} instead"
    body = (
        f"{session.offer.name}, now {told_time(proposal.from_at, zone)}. Say yes or no until"
        f" {told_time(proposal.lapses_at, zone)}; without an answer it stays where it is."
    )
    tell(person, _news(PROPOSED, session, str(proposal.pk), title, body), now=now)


def tell_of_settlement(proposal_id: int, outcome: str, *, now: datetime) -> None:
    """Tell whom it concerns that the old time stands."""
    proposal = MoveProposal.objects.get(pk=proposal_id)
    session = Session.objects.with_people().get(pk=proposal.booking_id)
    if outcome == ProposalState.WITHDRAWN and not _is_bare(proposal, session):
        return
    for person in (session.booking.candidate, session.booking.coach):
        words = SETTLEMENTS.get((ProposalState(outcome), session.side_of(person)))
        if words:
            title, body = (text.format(**_values(proposal, session, person)) for text in words)
            tell(person, _news(SETTLED, session, str(proposal.pk), title, body), now=now)


def moved_letter(line: Notification, _now: datetime) -> Letter:
    """Both times, and the update for the calendar."""
    session, told = _read(line)
    was_at = parse_instant(told.split("|")[0])
    who, what, *facts = session_facts(session, line.person)
    was = ("It was", _in_zone(was_at, session, line.person))
    return Letter(facts=[who, what, was, *facts], invite=session_invite(session, line))


def proposed_letter(line: Notification, now: datetime) -> Letter | None:
    """Both times, as long as the question stands."""
    session, proposal_id = _read(line)
    proposal = answerable_proposal(session.booking, now=now)
    if proposal is None or str(proposal.pk) != proposal_id:
        return None
    asked = ("Asked for", _in_zone(proposal.starts_at, session, line.person))
    until = ("Answer until", _in_zone(proposal.lapses_at, session, line.person))
    return Letter(facts=[*session_facts(session, line.person), asked, until])


def settled_letter(line: Notification, _now: datetime) -> Letter:
    """The session as it stands."""
    session, _ = _read(line)
    return Letter(facts=session_facts(session, line.person))


def _is_bare(proposal: MoveProposal, session: Session) -> bool:
    """Whether nothing else tells that the proposal is off: no newer one, no move, no cancellation."""
    booking = session.booking
    stands = booking.state == BookingState.CONFIRMED and booking.starts_at == proposal.from_at
    return stands and last_proposal(booking) == proposal


def _values(proposal: MoveProposal, session: Session, person: User) -> dict[str, str]:
    zone = session.zone_of(person)
    return {
        "other": session.name_of(session.other_than(person)),
        "offer": session.offer.name,
        "was": told_time(proposal.from_at, zone),
        "new": told_time(proposal.starts_at, zone),
        "until": told_time(proposal.lapses_at, zone),
    }


def _news(kind: str, session: Session, told: str, title: str, body: str) -> News:
    url = reverse("session", args=[session.pk])
    return News(kind=kind, source=f"{session.pk}|{told}", title=title, body=body, url=url)


def _read(line: Notification) -> tuple[Session, str]:
    booking_id, _, told = line.source.partition("|")
    return Session.objects.with_people().get(pk=UUID(booking_id)), told


def _in_zone(instant: datetime, session: Session, person: User) -> str:
    return told_in_zone(instant, session.zone_of(person))
