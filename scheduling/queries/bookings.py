"""Questions about bookings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from core.audit import trail
from core.errors import NotFoundError
from scheduling.models import Booking
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


class Moment(TypedDict):
    """A line of a booking's history: a state it reached, or ``extended``."""

    at: datetime
    kind: str
    by: Side


def booking_of(person: User, booking_id: UUID) -> Booking:
    """One booking with its people and its policy, for one of its sides.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    mine = Booking.objects.of(person).with_people().select_related("policy")
    booking = mine.filter(pk=booking_id).first()
    if booking is None:
        raise NotFoundError
    return booking


def timeline(booking: Booking) -> list[Moment]:
    """What happened to a booking, oldest first."""
    return [{"at": line.at, "kind": line.action, "by": booking.side_of(line.by)} for line in trail(booking)]


def unclosed_hold(candidate: User, coach_id: int, *, now: datetime) -> Booking | None:
    """The candidate's own hold with this coach that lapsed but may still be paid.

    A seller asks before a new try, because closing it needs the network (rules 11 and 12).
    """
    own = Booking.objects.lapsed(now).filter(candidate=candidate, coach_id=coach_id, guarded=True)
    return own.order_by("hold_expires_at").first()
