"""Who came, and what it means for money (rules/money.md 5, 7, 8): booking and share in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.errors import NotFoundError
from core.log import get_logger
from core.periodic import each
from marketplace.domain.compensation import compensate_candidate
from marketplace.domain.fulfilment import share_sources
from marketplace.domain.refunding import refund_session
from marketplace.models import Session
from marketplace.models.session import SessionQuerySet
from payments.domain.arithmetic import WHOLE
from payouts.domain.shares import ShareReleasedError, freeze, schedule_release, unfreeze
from scheduling.domain import reports
from scheduling.models import Report
from scheduling.queries.reports import standing_reports
from scheduling.states import BookingState, ReportState

if TYPE_CHECKING:
    from accounts.models import User

log = get_logger(__name__)
# A run of the job takes this many; the next one takes the rest.
BATCH = 500


@transaction.atomic
def report_no_show(booking_id: UUID, *, by: User, comment: str, now: datetime) -> Report:
    """Say that the other side did not come: the share is frozen until that is settled. Twice is once.

    Raises:
        DomainError: the refusals of ``scheduling.domain.reports.report_no_show``.
    """
    session = _session_of(booking_id, by)
    report = reports.report_no_show(booking_id, by=by, comment=comment, now=now)
    _freeze(session, report, by=by, now=now)
    return report


@transaction.atomic
def dispute(booking_id: UUID, *, by: User, reason: str, comment: str, now: datetime) -> Report:
    """The candidate disputes the session: the share is frozen until operations decide. Twice is once.

    Raises:
        DomainError: the refusals of ``scheduling.domain.reports.dispute``.
    """
    session = _session_of(booking_id, by)
    report = reports.dispute(booking_id, by=by, reason=reason, comment=comment, now=now)
    _freeze(session, report, by=by, now=now)
    return report


@transaction.atomic
def decide(booking_id: UUID, *, upheld: bool, by: User, reason: str, now: datetime) -> Report:
    """Operations decide what was reported; the money follows at once. Twice is once.

    Raises:
        DomainError: the refusals of ``scheduling.domain.reports.decide_report``.
    """
    session = _with_booking().filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    decision = reports.decide_report(booking_id, upheld=upheld, by=by, reason=reason, now=now)
    if decision.is_new:
        _conclude(session, decision.report, by=by, now=now)
    return decision.report


def settle_due(now: datetime) -> int:
    """Uphold the reports that nobody contested in time. Answers how many."""
    return each(standing_reports(now)[:BATCH], lambda booking_id: _settle(booking_id, now=now))


@transaction.atomic
def _settle(booking_id: UUID, *, now: datetime) -> bool:
    report = reports.uphold_what_stands(booking_id, now=now)
    if report is None:
        return False
    _conclude(_with_booking().get(pk=booking_id), report, by=None, now=now)
    return True


def _freeze(session: Session, report: Report, *, by: User, now: datetime) -> None:
    for source in share_sources(session):
        try:
            freeze(source, cause=_cause(report), by=by, reason=f"reported: {report.kind}", now=now)
        except ShareReleasedError:
            # No share is due before the last report may be made. One that is out all the same comes back by
            # the refund, as a reversal or a debt, if the report is upheld.
            log.warning("report.share_is_out", booking=str(session.pk), share=source)


def _conclude(session: Session, report: Report, *, by: User | None, now: datetime) -> None:
    """Move the money as a decided report says; the rejected one leaves all as if it had not been made."""
    if report.state == ReportState.UPHELD:
        session.booking.refresh_from_db()
        _pay_for_what_was_missed(session, by=by, now=now)
    for source in share_sources(session):
        unfreeze(source, cause=_cause(report), by=by, reason=f"report {report.state}", now=now)


def _cause(report: Report) -> str:
    """What its share waits for."""
    return f"report:{report.pk}"


def _pay_for_what_was_missed(session: Session, *, by: User | None, now: datetime) -> None:
    if session.booking.state == BookingState.NO_SHOW_COACH:
        refund_session(session, WHOLE, reason="the coach did not come", by=by, now=now)
        compensate_candidate(session)
        return
    # No scorecard will come: the share is due 72 hours after the end that was agreed (money.md 5).
    for source in share_sources(session):
        schedule_release(source, session.booking.ends_at + settings.RELEASE_DELAY, now=now)


def _session_of(booking_id: UUID, person: User) -> Session:
    session = _with_booking().of(person).filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    return session


def _with_booking() -> SessionQuerySet:
    return Session.objects.select_related("booking__coach", "booking__candidate", "order")
