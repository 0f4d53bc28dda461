"""What a candidate tells the coach before the session."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from core.errors import DomainError, NotFoundError
from marketplace.models import Session

if TYPE_CHECKING:
    from accounts.models import User


class AnswersClosedError(DomainError):
    code = "answers_closed"
    message = "Answers can be changed until two hours before the session. Tell your coach when you meet."


@transaction.atomic
def save_answers(booking_id: UUID, answers: dict[str, Any], *, by: User, now: datetime) -> Session:
    """Keep the answers that are given; the others stay as they are.

    Raises:
        NotFoundError: it is not the candidate who asks.
        AnswersClosedError: less than two hours to the start, or no longer live.
    """
    sessions = Session.objects.as_candidate(by).select_for_update(of=("self",)).select_related("booking")
    session = sessions.filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    if not session.answers_open(now):
        raise AnswersClosedError
    for name, value in answers.items():
        setattr(session, name, value)
    session.answered_at = now
    session.save(update_fields=[*answers, "answered_at"])
    return session
