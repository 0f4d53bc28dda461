"""Sessions of one order: which of how many one is, and the others."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.models import Session
from marketplace.models.session import SessionQuerySet


@dataclass(frozen=True)
class PlaceInSeries:
    """The ``number``-th of the ``of`` sessions that were sold as one order, the one with this ``id``."""

    id: UUID
    number: int
    of: int


def place_in_series(session: Session) -> PlaceInSeries | None:
    """None for a session of its own. Reads the lines of its order: prefetch them for a list."""
    if session.booking.series is None:
        return None
    lines = sorted(line.pk for line in session.order.lines.all())
    return PlaceInSeries(session.order_id, lines.index(session.line_id) + 1, len(lines))


def sessions_of_order(session: Session) -> SessionQuerySet:
    """All sessions of the order that paid for this one, itself included, in time order."""
    return Session.objects.filter(order=session.order_id).with_people().order_by("booking__starts_at")


def series_of(session: Session) -> list[Session]:
    """All sessions of the series, in time order; none for a session of its own."""
    return list(sessions_of_order(session)) if session.booking.series else []
