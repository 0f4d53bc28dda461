"""What the sides of a session that took place say about each other; blind until both have, or a week on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core import audit
from core.errors import DomainError, NotFoundError
from core.periodic import each
from marketplace.domain.profiles import retell_reviews
from marketplace.models import Review, Session
from marketplace.models.session import SessionQuerySet
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User

BOTH = 2
# A run of the job takes this many; the next one takes the rest.
BATCH = 500


class NotReviewableError(DomainError):
    code = "not_reviewable"
    message = "A session can be reviewed once it has taken place."


class AlreadyReviewedError(DomainError):
    code = "already_reviewed"
    message = "You have reviewed this session already."


@transaction.atomic
def review_session(booking_id: UUID, *, rating: int, text: str, by: User, now: datetime) -> Review:
    """Write this side's review. The same words again are the same review.

    Raises:
        NotFoundError: no side of this session asks.
        NotReviewableError: it has not taken place.
        AlreadyReviewedError: this side has said something else before.
    """
    # The lock makes two presses of one button one review, and lets one of two sides find the other's.
    session = _locked().of(by).filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    if session.booking.state != BookingState.COMPLETED:
        raise NotReviewableError
    side = session.booking.side_of(by)
    before = session.reviews.filter(side=side).first()
    if before is not None:
        if (before.rating, before.text) != (rating, text):
            raise AlreadyReviewedError
        return before
    review = session.reviews.create(side=side, by=by, rating=rating, text=text, written_at=now)
    audit.record("session.reviewed", session.booking, by=by, now=now)
    if session.reviews.count() == BOTH or _window_is_over(session, now):
        _publish(session, now=now)
    return review


def publish_due(now: datetime) -> int:
    """Publish what one side alone wrote once its blind window is over. Answers for how many sessions."""
    over = Review.objects.blind().filter(session__booking__ends_at__lte=now - settings.REVIEW_BLIND_WINDOW)
    due = list(over.order_by("session").values_list("session", flat=True)[:BATCH])
    return each(due, lambda session_id: _publish_blind(session_id, now=now))


@transaction.atomic
def _publish_blind(session_id: UUID, *, now: datetime) -> bool:
    return _publish(_locked().get(pk=session_id), now=now)


def _publish(session: Session, *, now: datetime) -> bool:
    """Let everybody read what a locked session's sides wrote. Twice is once."""
    published = session.reviews.blind().update(published_at=now)
    if published:
        retell_reviews(session.booking.coach.coach.pk)
    return bool(published)


def _locked() -> SessionQuerySet:
    return Session.objects.select_for_update(of=("self",)).select_related("booking__coach__coach")


def _window_is_over(session: Session, now: datetime) -> bool:
    ends_at: datetime = session.booking.ends_at
    return now >= ends_at + settings.REVIEW_BLIND_WINDOW
