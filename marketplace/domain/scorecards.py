"""The coach's written verdict on a session. Its delivery brings the day of payment nearer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core import audit
from core.errors import DomainError, ForbiddenError, NotFoundError
from core.events import announce
from marketplace.domain.fulfilment import share_sources
from marketplace.events import ScorecardDelivered
from marketplace.models import Mark, Scorecard, Session
from payouts.domain.shares import schedule_release
from scheduling.states import BookingState, Side

if TYPE_CHECKING:
    from accounts.models import User


class NotBegunError(DomainError):
    code = "not_begun"
    message = "A scorecard is written from the start of the session on."


@dataclass(frozen=True)
class MarkGiven:
    """One skill, its level from 1 to 5, and what was said that shows it."""

    skill: str
    level: int
    evidence: str


@dataclass(frozen=True)
class Verdict:
    marks: list[MarkGiven]
    keep: str
    stop: str
    start: str
    drills: str = ""
    interview_type: str = ""


@transaction.atomic
def deliver_scorecard(booking_id: UUID, verdict: Verdict, *, by: User, now: datetime) -> Scorecard:
    """Deliver the scorecard, or edit it. Only the first delivery moves the day of payment.

    Raises:
        NotFoundError: no side of this session asks.
        ForbiddenError: the candidate asks.
        NotBegunError: the session has not begun, or did not take place.
    """
    sessions = Session.objects.of(by).select_for_update(of=("self",)).select_related("booking", "order")
    session = sessions.filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    if session.booking.side_of(by) != Side.COACH:
        raise ForbiddenError("Your coach writes the scorecard.")
    if not may_be_scored(session, now):
        raise NotBegunError
    texts = {name: getattr(verdict, name) for name in ("keep", "stop", "start", "drills", "interview_type")}
    scorecard, is_new = Scorecard.objects.update_or_create(
        session=session, defaults={**texts, "edited_at": now}, create_defaults={**texts, "delivered_at": now}
    )
    _write_marks(scorecard, verdict.marks)
    audit.record("scorecard.delivered" if is_new else "scorecard.edited", session.booking, by=by, now=now)
    if is_new:
        for source in share_sources(session):
            schedule_release(source, release_at(session, scorecard), now=now)
        announce(ScorecardDelivered(at=now, booking_id=session.pk))
    return scorecard


def release_at(session: Session, scorecard: Scorecard) -> datetime:
    """When the coach's share of a session that took place is due (rules/money.md 5)."""
    ends_at: datetime = session.booking.ends_at
    latest = ends_at + settings.RELEASE_LATEST
    return min(max(ends_at, scorecard.delivered_at) + settings.RELEASE_DELAY, latest)


def may_be_scored(session: Session, now: datetime) -> bool:
    """From the start on, of a session that takes or took place."""
    begun = session.booking.starts_at <= now
    return begun and session.booking.state in {BookingState.CONFIRMED, BookingState.COMPLETED}


def _write_marks(scorecard: Scorecard, marks: list[MarkGiven]) -> None:
    scorecard.marks.all().delete()
    Mark.objects.bulk_create(
        Mark(scorecard=scorecard, position=n, skill=mark.skill, level=mark.level, evidence=mark.evidence)
        for n, mark in enumerate(marks)
    )
