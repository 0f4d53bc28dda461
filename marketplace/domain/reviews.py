"""What the sides of a session that took place say about each other."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core import audit
from core.errors import DomainError, NotFoundError
from marketplace.domain.profiles import retell_reviews
from marketplace.models import Review, Session
from scheduling.states import BookingState, Side

if TYPE_CHECKING:
    from accounts.models import User


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
    # The lock makes two presses of one button one review.
    sessions = Session.objects.of(by).select_for_update(of=("self",)).select_related("booking__coach__coach")
    session = sessions.filter(pk=booking_id).first()
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
    if side == Side.CANDIDATE:
        retell_reviews(session.booking.coach.coach.pk)
    return review
