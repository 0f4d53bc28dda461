"""Reports: one side says that the other did not come, or the candidate disputes the session.

While one is undecided, what the other side says about the session is its objection to it: there is at most
one case at a time, and whoever decides it decides all that was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.audit import record
from core.errors import DomainError, ForbiddenError, IllegalTransitionError, NotFoundError
from core.events import announce
from core.instants import instant_json
from scheduling.domain.arrows import lock_booking, take_arrow
from scheduling.domain.completing import complete_booking
from scheduling.events import ReportContested, ReportDecided, ReportMade
from scheduling.models import Booking, Report
from scheduling.rules.attendance import Opportunity, stands_at, to_dispute, to_report_no_show
from scheduling.states import REPORTABLE, BookingState, ReportKind, ReportState, Side

if TYPE_CHECKING:
    from accounts.models import User

_OTHER = {Side.CANDIDATE: Side.COACH, Side.COACH: Side.CANDIDATE}


class TooEarlyError(DomainError):
    code = "too_early"
    message = "It is too early for that."


class TooLateError(DomainError):
    code = "too_late"
    message = "It is too late for that."


class NotHereError(DomainError):
    """Without having said that one is there, nobody can say that the other is not."""

    code = "not_here"
    message = "Only who pressed “I am here” can report that the other side did not come."


class AlreadyReportedError(DomainError):
    code = "already_reported"
    message = "You have reported this session already."


class NothingReportedError(DomainError):
    code = "nothing_reported"
    message = "Nothing was reported about this session."


@dataclass(frozen=True)
class Decision:
    """A report that is decided; ``is_new`` where this very call decided it."""

    report: Report
    is_new: bool


@transaction.atomic
def report_no_show(booking_id: UUID, *, by: User, comment: str, now: datetime) -> Report:
    """Say that the other side did not come. Twice is once.

    It stands by itself in time, unless the other side said *I am here* or objects: then operations decide.

    Raises:
        NotFoundError: neither side of it.
        NotHereError: the reporter never said that he was there.
        TooEarlyError, TooLateError: outside of the time for it.
        AlreadyReportedError: this side's report was decided before, or he disputes the session.
        IllegalTransitionError: it did not take place.
    """
    booking = lock_booking(booking_id)
    side = side_in(booking, by)
    if booking.here_at(side) is None:
        raise NotHereError
    if (report := undecided(booking)) is not None:
        return _answer(report, ReportKind.NO_SHOW, side, by=by, words=comment, now=now)
    _refuse_again(booking, ReportKind.NO_SHOW, side)
    refuse_outside(to_report_no_show(booking.starts_at, booking.ends_at), now)
    both_came = booking.here_at(_OTHER[side]) is not None
    report = Report(
        booking=booking,
        kind=ReportKind.NO_SHOW,
        side=side,
        comment=comment,
        state=ReportState.CONTESTED if both_came else ReportState.OPEN,
        contested_at=now if both_came else None,
        stands_at=None if both_came else stands_at(booking.ends_at, now),
        made_at=now,
    )
    return _make(report, "no_show_reported", by=by, now=now)


@transaction.atomic
def dispute(booking_id: UUID, *, by: User, reason: str, comment: str, now: datetime) -> Report:
    """Say that the session was not what was promised; operations decide. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: the coach asks.
        TooEarlyError, TooLateError: outside of the time for it.
        AlreadyReportedError: the candidate's dispute was decided before, or his other report is open.
        IllegalTransitionError: it did not take place.
    """
    booking = lock_booking(booking_id)
    side = side_in(booking, by)
    if side != Side.CANDIDATE:
        raise ForbiddenError("Only the candidate can dispute a session.")
    if (report := undecided(booking)) is not None:
        return _answer(report, ReportKind.DISPUTE, side, by=by, words=f"{reason}: {comment}", now=now)
    _refuse_again(booking, ReportKind.DISPUTE, side)
    refuse_outside(to_dispute(booking.starts_at, booking.ends_at), now)
    report = Report(
        booking=booking,
        kind=ReportKind.DISPUTE,
        side=side,
        reason=reason,
        comment=comment,
        state=ReportState.CONTESTED,
        contested_at=now,
        made_at=now,
    )
    return _make(report, "disputed", by=by, now=now)


@transaction.atomic
def contest(booking_id: UUID, *, by: User, comment: str, now: datetime) -> Report:
    """Object to what the other side reported: operations decide. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: one's own report.
        NothingReportedError: no report is undecided.
        TooLateError: it stands already.
    """
    booking = lock_booking(booking_id)
    side = side_in(booking, by)
    report = undecided(booking)
    if report is None:
        raise NothingReportedError
    if report.side == side:
        raise ForbiddenError("This report is your own.")
    return _object(report, by=by, words=comment, now=now)


def contest_by_coming(booking: Booking, side: Side, *, by: User, now: datetime) -> None:
    """Who comes before the end was not missing: a report that says so is for operations to decide."""
    report = undecided(booking)
    if report is not None and report.state == ReportState.OPEN and report.side != side:
        _object(report, by=by, words="", now=now)


@transaction.atomic
def uphold_what_stands(booking_id: UUID, *, now: datetime) -> Report | None:
    """Uphold the report that nobody contested in time; None where there is none."""
    booking = lock_booking(booking_id)
    report = booking.reports.due(now).first()
    if report is not None:
        _decide(report, booking, upheld=True, by=None, reason="", now=now)
    return report


@transaction.atomic
def decide_report(booking_id: UUID, *, upheld: bool, by: User, reason: str, now: datetime) -> Decision:
    """Operations decide the undecided report of a booking. Twice is once.

    Raises:
        NotFoundError: there is no such booking, or this person does not work for operations.
        ForbiddenError: his own session.
        NothingReportedError: no report is undecided, and the last one was not decided so.
    """
    booking = lock_booking(booking_id)
    if not by.is_staff:
        raise NotFoundError
    if booking.side_of(by) != Side.OPERATIONS:
        raise ForbiddenError("Nobody decides about his own session.")
    report = undecided(booking)
    if report is None:
        return Decision(_decided_so(booking, upheld=upheld), is_new=False)
    _decide(report, booking, upheld=upheld, by=by, reason=reason, now=now)
    return Decision(report, is_new=True)


def undecided(booking: Booking) -> Report | None:
    """The one report of a booking that is not decided yet."""
    report = Report.objects.undecided().filter(booking=booking).first()
    if report is not None:
        report.booking = booking
    return report


def side_in(booking: Booking, person: User) -> Side:
    """Which side somebody is on.

    Raises:
        NotFoundError: on neither.
    """
    side = booking.side_of(person)
    if side not in _OTHER:
        raise NotFoundError
    return side


def refuse_outside(opportunity: Opportunity, now: datetime) -> None:
    """Refuse what is said too early or too late."""
    if now < opportunity.from_at:
        raise TooEarlyError(from_at=instant_json(opportunity.from_at))
    if not opportunity.is_open(now):
        raise TooLateError(until_at=instant_json(opportunity.until_at))


def _answer(report: Report, kind: ReportKind, side: Side, *, by: User, words: str, now: datetime) -> Report:
    """What a second report says while the first is undecided: the same again, or an objection."""
    if report.side != side:
        return _object(report, by=by, words=words, now=now)
    if report.kind != kind:
        raise AlreadyReportedError
    return report


def _refuse_again(booking: Booking, kind: ReportKind, side: Side) -> None:
    if booking.reports.filter(kind=kind, side=side).exists():
        raise AlreadyReportedError
    if booking.state not in REPORTABLE:
        raise IllegalTransitionError(booking, BookingState.NO_SHOW_COACH)


def _make(report: Report, action: str, *, by: User, now: datetime) -> Report:
    report.save(force_insert=True)
    record(action, report.booking, by=by, now=now, reason=report.reason)
    announce(ReportMade(at=now, booking_id=report.booking_id, report_id=report.pk))
    return report


def _object(report: Report, *, by: User, words: str, now: datetime) -> Report:
    if report.state == ReportState.CONTESTED:
        report.objection = report.objection or words
        report.save(update_fields=["objection"])
        return report
    if report.stands_at is not None and now >= report.stands_at:
        raise TooLateError("It was not contested in time and stands.")
    report.move_to(ReportState.CONTESTED)
    report.objection, report.contested_at, report.stands_at = words, now, None
    report.save(update_fields=["state", "objection", "contested_at", "stands_at"])
    record("report_contested", report.booking, by=by, now=now)
    announce(ReportContested(at=now, booking_id=report.booking_id, report_id=report.pk))
    return report


def _decide(
    report: Report, booking: Booking, *, upheld: bool, by: User | None, reason: str, now: datetime
) -> None:
    report.move_to(ReportState.UPHELD if upheld else ReportState.REJECTED)
    report.decided_at, report.decided_by, report.decision = now, by, reason
    report.save(update_fields=["state", "decided_at", "decided_by", "decision"])
    announce(ReportDecided(at=now, booking_id=booking.pk, report_id=report.pk, upheld=upheld))
    if upheld:
        was = BookingState(booking.state)
        take_arrow(booking, was, report.outcome, by=by, now=now, reason=reason, missed_at=now)
    else:
        record("report_rejected", booking, by=by, now=now, reason=reason)
        complete_booking(booking.pk, now=now)


def _decided_so(booking: Booking, *, upheld: bool) -> Report:
    state = ReportState.UPHELD if upheld else ReportState.REJECTED
    last = booking.reports.order_by("-decided_at").first()
    if last is None or last.state != state:
        raise NothingReportedError
    return last
