"""Being there: either side says so, once, from when the room opens until the end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.audit import record
from core.errors import IllegalTransitionError
from scheduling.domain.arrows import lock_booking
from scheduling.domain.reports import contest_by_coming, refuse_outside, side_in
from scheduling.models import Booking
from scheduling.rules.attendance import to_be_here
from scheduling.states import BookingState, Side

if TYPE_CHECKING:
    from accounts.models import User

_COLUMNS = {Side.CANDIDATE: "candidate_here_at", Side.COACH: "coach_here_at"}


@transaction.atomic
def say_here(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """Note that a side has come. Twice is once; the first time counts.

    Who comes after he was reported missing contests that by coming.

    Raises:
        NotFoundError: neither side of it.
        TooEarlyError, TooLateError: outside of the time for it.
        IllegalTransitionError: it does not take place.
    """
    booking = lock_booking(booking_id)
    side = side_in(booking, by)
    if booking.here_at(side) is not None:
        return booking
    refuse_outside(to_be_here(booking.starts_at, booking.ends_at), now)
    if booking.state != BookingState.CONFIRMED:
        raise IllegalTransitionError(booking, BookingState.COMPLETED)
    column = _COLUMNS[side]
    setattr(booking, column, now)
    booking.save(update_fields=[column])
    record("here", booking, by=by, now=now)
    contest_by_coming(booking, side, by=by, now=now)
    return booking
