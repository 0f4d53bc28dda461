"""What the two sides are told when somebody did not come, or a session is disputed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from marketplace.models import Session
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.domain.sessions import session_facts, told_in_zone, told_time
from notifications.models import Notification
from payments.queries.going_back import going_back_of
from scheduling.models import Report
from scheduling.states import BookingState, ReportKind, ReportState, Side

MADE = "marketplace/report_made"
CONTESTED = "marketplace/report_contested"
REJECTED = "marketplace/report_rejected"
MISSED = "marketplace/session_missed"

Words = tuple[str, str]
# Title and sentence; the first of each pair is for who reported, the second for the other side.
OPEN_REPORT: tuple[Words, Words] = (
    (
        "Your report about {when} is in",
        "{offer}. It stands {until}, unless {other} came in time or objects. Until then the money waits.",
    ),
    (
        "{other} reports that you did not come",
        "{offer}, {when}. If you were there, object until {until}. If you say nothing, it stands then.",
    ),
)
CONTESTED_REPORT: tuple[Words, Words] = (
    (
        "Your report about {when} is with us",
        "{offer}. {other} said “I am here”, so one of us reads what both of you say, and decides.",
    ),
    (
        "{other} reports that you did not come",
        "{offer}, {when}. You said “I am here”, so one of us decides. You can add what happened.",
    ),
)
DISPUTE: tuple[Words, Words] = (
    (
        "Your dispute about {when} is with us",
        "{offer} with {other}. One of us reads it and decides; until then the money waits.",
    ),
    (
        "{other} disputes your session",
        "{offer}, {when}. You can add your side. One of us decides; until then the money waits.",
    ),
)
OBJECTION: tuple[Words, Words] = (
    (
        "{other} does not agree with your report",
        "{offer}, {when}. One of us reads what both of you say, and decides. Until then the money waits.",
    ),
    (
        "We have your side of {when}",
        "{offer} with {other}. One of us reads what both of you say, and decides.",
    ),
)
NOT_UPHELD: tuple[Words, Words] = (
    (
        "Your report about {when} is not upheld",
        "{offer} with {other}. We looked at it: the session counts as if nothing had been reported.",
    ),
    (
        "The report of {other} is not upheld",
        "{offer}, {when}. We looked at it: the session counts as if nothing had been reported.",
    ),
)
# By what the booking has become and by side.
MISSED_BY: dict[tuple[BookingState, Side], Words] = {
    (BookingState.NO_SHOW_COACH, Side.CANDIDATE): (
        "Settled: everything goes back to you",
        "{offer} with {other}, {when}. You get back whatever you paid, in full.",
    ),
    (BookingState.NO_SHOW_COACH, Side.COACH): (
        "Settled: {other} gets everything back",
        "{offer}, {when}. Whatever was paid goes back in full, and it counts in your reliability.",
    ),
    (BookingState.NO_SHOW_CANDIDATE, Side.CANDIDATE): (
        "Settled: you did not come to {when}",
        "{offer} with {other}. Nothing goes back.",
    ),
    (BookingState.NO_SHOW_CANDIDATE, Side.COACH): (
        "Settled: {other} did not come",
        "{offer}, {when}. You are paid in full, 72 hours after the end that was agreed.",
    ),
}


def tell_of_report(report_id: int, *, now: datetime) -> None:
    """Tell both sides what was reported, unless what came of it since is told instead."""
    report = Report.objects.get(pk=report_id)
    if report.kind == ReportKind.DISPUTE:
        _tell_both(MADE, DISPUTE, report, now=now)
    elif report.state == ReportState.OPEN:
        _tell_both(MADE, OPEN_REPORT, report, now=now)
    elif report.contested_at == report.made_at:
        _tell_both(MADE, CONTESTED_REPORT, report, now=now)


def tell_of_objection(report_id: int, *, now: datetime) -> None:
    """Tell both sides that they do not agree, and that people decide."""
    _tell_both(CONTESTED, OBJECTION, Report.objects.get(pk=report_id), now=now)


def tell_of_rejection(report_id: int, *, now: datetime) -> None:
    """Tell both sides that nothing follows from a report."""
    _tell_both(REJECTED, NOT_UPHELD, Report.objects.get(pk=report_id), now=now)


def tell_of_missed(booking_id: UUID, *, now: datetime) -> None:
    """Tell both sides what follows now that it is settled who did not come."""
    session = Session.objects.with_people().get(pk=booking_id)
    report = session.booking.reports.filter(state=ReportState.UPHELD).get()
    state = BookingState(session.booking.state)
    for person in (session.booking.candidate, session.booking.coach):
        words = MISSED_BY[state, session.side_of(person)]
        tell(person, _news(MISSED, words, report, session, person), now=now)


def report_letter(line: Notification, now: datetime) -> Letter:
    """The session, until when one may object, what either side said of it, and what we say."""
    booking_id, report_id = line.source.split("|")
    session = Session.objects.with_people().get(pk=UUID(booking_id))
    report = Report.objects.get(pk=report_id)
    reader = line.person
    facts = [*session_facts(session, reader), *_deadline(report, session, reader)]
    is_coach = session.side_of(reader) == Side.COACH
    refunds = [] if is_coach else going_back_of(session.subject, now=now)
    return Letter(facts=[*facts, *_said(report, session, reader)], context={"refunds": refunds})


def _deadline(report: Report, session: Session, reader: User) -> list[tuple[str, str]]:
    """Only while it is open: afterwards nothing stands by itself."""
    if report.state != ReportState.OPEN or report.stands_at is None:
        return []
    name = "It stands" if session.side_of(reader) == report.side else "Object until"
    return [(name, told_in_zone(report.stands_at, session.zone_of(reader)))]


def _said(report: Report, session: Session, reader: User) -> list[tuple[str, str]]:
    other = session.name_of(session.other_than(reader))
    is_own = session.side_of(reader) == report.side
    his, objectors = ("You said", f"{other} says") if is_own else (f"{other} says", "You said")
    said = [(his, report.comment), (objectors, report.objection), ("We say", report.decision)]
    return [(who, words) for who, words in said if words]


def _tell_both(kind: str, words: tuple[Words, Words], report: Report, *, now: datetime) -> None:
    session = Session.objects.with_people().get(pk=report.booking_id)
    for person in (session.booking.candidate, session.booking.coach):
        mine = words[0] if session.side_of(person) == report.side else words[1]
        tell(person, _news(kind, mine, report, session, person), now=now)


def _news(kind: str, words: Words, report: Report, session: Session, person: User) -> News:
    zone = session.zone_of(person)
    values = {
        "other": session.name_of(session.other_than(person)),
        "offer": session.offer.name,
        "when": told_time(session.booking.starts_at, zone),
        "until": told_time(report.stands_at, zone) if report.stands_at else "",
    }
    title, body = (text.format(**values) for text in words)
    url = reverse("session", args=[session.pk])
    return News(kind=kind, source=f"{session.pk}|{report.pk}", title=title, body=body, url=url)
