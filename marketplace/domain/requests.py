"""The coach's answer to a request: the booking and its money in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.errors import NotFoundError
from marketplace.domain.freed import offer_at_commit
from marketplace.domain.fulfilment import promise
from marketplace.domain.refunding import refund_session
from marketplace.models import Session
from payments.domain.arithmetic import WHOLE
from scheduling.domain.requests import accept_request, decline_request
from scheduling.models import Booking
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def accept(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """Say yes: the rate is frozen and the share gets its day. Twice is once."""
    session = _session_of(booking_id, by)
    was = session.booking.state
    booking = accept_request(booking_id, by=by, now=now)
    if was == BookingState.CONFIRMED:
        return booking
    promise(session, booking, now=now)
    return booking


@transaction.atomic
def decline(booking_id: UUID, *, by: User, reason: str, now: datetime) -> Booking:
    """Say no: all of the money goes back. Twice is once."""
    session = _session_of(booking_id, by)
    if session.booking.is_live:
        offer_at_commit(booking_id, now=now)
    booking = decline_request(booking_id, by=by, reason=reason, now=now)
    refund_session(session, WHOLE, reason="declined", by=by, now=now)
    return booking


def _session_of(booking_id: UUID, person: User) -> Session:
    session = Session.objects.of(person).select_related("booking", "order").filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    return session
