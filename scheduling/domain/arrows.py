"""Taking an arrow of the table: lock the row, move it, write it, record who did it, announce it.

Locks, one order everywhere, so that no circle of waiting can close:

1. the coach's advisory lock, 2. the candidate's, 3. rows of bookings in the order of their keys, 4. orders.

* A *try* (``holds``), a *move* (``moving``) and a *late payment* (``confirming``) change which time is
  taken. They take 1 and 2 first. Two of them that could collide in an exclusion constraint share a coach or
  a candidate, so one waits at an advisory lock, at which it has written nothing and nobody waits for it.
* The other verbs lock one row and then wait for no other booking: a row they hold is a leaf. Whoever moves
  several bookings in one transaction takes 1 and 2 first, or moves them in the order of their keys.
* A try expires lapsed holds of other people in passing. Two tries of different coaches by different
  candidates may want the same two rows (each the other's lapsed hold): they lock them in the order of keys.
* An insert waits for an unfinished row in its way, which then belongs to a leaf, and ``ON CONFLICT`` turns
  what is left into *nothing inserted*; a plain insert would deadlock with its like.
* A try waits for no lock as long as PostgreSQL waits before it looks for a circle (``tries``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from core.audit import record
from core.errors import IllegalTransitionError, NotFoundError
from core.events import announce
from core.locks import lock
from scheduling.domain.proposals import withdraw_open
from scheduling.events import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingDeclined,
    BookingEvent,
    BookingExpired,
    BookingHeld,
    BookingMissed,
    BookingRequested,
    SlotsChanged,
)
from scheduling.models import Booking
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User

_ANNOUNCED: dict[str, type[BookingEvent]] = {
    BookingState.HELD: BookingHeld,
    BookingState.REQUESTED: BookingRequested,
    BookingState.CONFIRMED: BookingConfirmed,
    BookingState.COMPLETED: BookingCompleted,
    BookingState.CANCELLED: BookingCancelled,
    BookingState.DECLINED: BookingDeclined,
    BookingState.EXPIRED: BookingExpired,
    BookingState.NO_SHOW_CANDIDATE: BookingMissed,
    BookingState.NO_SHOW_COACH: BookingMissed,
}

# A booking closes starts before it that would run into it, and may fill its day or its week (rule 7).
_REACH = timedelta(days=7)


def lock_people(coach_id: int, candidate_id: int) -> None:
    """Locks 1 and 2, until the transaction ends."""
    lock("coach", coach_id)
    lock("candidate", candidate_id)


def lock_booking(booking_id: UUID) -> Booking:
    """The row as it is now, locked until the transaction ends.

    Raises:
        NotFoundError: there is none.
    """
    booking = Booking.objects.select_for_update().filter(pk=booking_id).first()
    if booking is None:
        raise NotFoundError
    return booking


def take_arrow(
    booking: Booking,
    source: BookingState,
    target: BookingState,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    **columns: object,
) -> None:
    """Move a locked row from ``source`` to ``target``, write ``columns`` with it, record and announce it.

    The source is named, because an arrow belongs to one verb: confirming must not revive what expired.

    Raises:
        IllegalTransitionError: the booking is not there, or the table has no such arrow.
    """
    if booking.state != source:
        raise IllegalTransitionError(booking, target)
    took_time = booking.takes_time
    booking.move_to(target)
    if took_time != booking.takes_time:
        columns["sequence"] = booking.sequence + 1
    for name, value in columns.items():
        setattr(booking, name, value)
    booking.save(update_fields=["state", *columns])
    tell(booking, by=by, now=now, reason=reason, slots_changed=took_time != booking.takes_time)


def tell(
    booking: Booking, *, by: User | None, now: datetime, reason: str = "", slots_changed: bool = True
) -> None:
    """Record and announce the state that a booking has reached."""
    record(booking.state, booking, by=by, now=now, reason=reason)
    announce(_ANNOUNCED[booking.state](at=now, booking_id=booking.pk))
    if slots_changed:
        tell_slots(booking.coach_id, booking.starts_at, booking.ends_at, now=now)


def tell_slots(coach_id: int, starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """Announce that a coach's time was taken, or given back."""
    announce(SlotsChanged(at=now, coach_id=coach_id, from_at=starts_at - _REACH, to_at=ends_at + _REACH))


def cancel(booking: Booking, *, by: User | None, now: datetime, reason: str = "") -> None:
    """Give up a locked, live booking for ``by``."""
    was = BookingState(booking.state)
    if was == BookingState.CONFIRMED:
        withdraw_open(booking, by=by, now=now)
    take_arrow(
        booking,
        was,
        BookingState.CANCELLED,
        by=by,
        now=now,
        reason=reason,
        cancelled_at=now,
        cancelled_by=by,
    )


def expire(booking: Booking, *, now: datetime) -> None:
    """Let a locked hold or request run out."""
    was = BookingState(booking.state)
    take_arrow(booking, was, BookingState.EXPIRED, by=None, now=now, expired_at=now, expired_from=was)
