"""Questions about sessions: whose, in which state, with what a page or an answer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.errors import NotFoundError
from marketplace.models import Session
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


def _shown(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.with_people().prefetch_related("order__checkouts", "order__lines")
