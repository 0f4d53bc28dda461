"""What a candidate tells the coach before the session."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from core.errors import DomainError, NotFoundError
from marketplace.models import Session
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User


class AnswersClosedError(DomainError):
    code = "answers_closed"
    message = "Answers can be changed until two hours before the session. Tell your coach when you meet."


@transaction.atomic
def save_answers(booking_id: UUID, answers: dict[str, Any], *, by: User, now: datetime) -> Session:
    """Keep the answers that are given; the others stay as they are.

    Held together, answered together: what is written before the payment is for all sessions of a series.

    Raises:
        NotFoundError: it is not the candidate who asks.
        AnswersClosedError: less than two hours to the start, or no longer live.
    """
    own = Session.objects.as_candidate(by)
    session = own.select_related("booking").filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    if not session.answers_open(now):
        raise AnswersClosedError
    is_held = session.booking.state == BookingState.HELD
    written = own.filter(order=session.order_id) if is_held else own.filter(pk=booking_id)
    for each in written.select_for_update(of=("self",)).order_by("pk"):
        for name, value in answers.items():
            setattr(each, name, value)
        each.answered_at = now
        each.save(update_fields=[*answers, "answered_at"])
    session.refresh_from_db()
    return session
