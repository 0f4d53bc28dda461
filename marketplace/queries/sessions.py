"""Questions about sessions: whose, in which state, with what a page or an answer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.errors import NotFoundError
from marketplace.models import Coach, Session
from marketplace.models.session import SessionQuerySet
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


def session_of(person: User, booking_id: UUID) -> Session:
    """One session with its people and its order, for one of its sides.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    session = _shown(Session.objects.of(person)).filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    return session


def sessions_of(
    person: User, *, side: Side | None = None, states: list[str] | None = None
) -> SessionQuerySet:
    """A person's sessions, the latest start first."""
    found = Session.objects.of(person)
    if side == Side.CANDIDATE:
        found = Session.objects.as_candidate(person)
    elif side == Side.COACH:
        found = Session.objects.as_coach(person)
    if states:
        found = found.filter(booking__state__in=states)
    return _shown(found).order_by("-booking__starts_at", "pk")


def kept_answers(candidate: User, coach: Coach) -> dict[str, Any]:
    """What a candidate last wrote for this coach: a time that was lost does not lose it."""
    written = Session.objects.as_candidate(candidate).filter(booking__coach=coach.user_id)
    last = written.filter(answered_at__isnull=False).order_by("-answered_at").first()
    return last.answers if last else {}


def _shown(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.with_people().prefetch_related("order__checkouts", "order__lines")
