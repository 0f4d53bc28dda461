"""What becomes of bookings by themselves when their time comes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.periodic import each
from scheduling.domain.arrows import lock_booking, take_arrow
from scheduling.domain.holds import expire_hold
from scheduling.domain.requests import expire_request
from scheduling.domain.tries import want_closed
from scheduling.models import Booking
from scheduling.models.booking import BookingQuerySet
from scheduling.states import BookingState

# A run of a job takes this many; the next one takes the rest.
BATCH = 500


def expire_due(now: datetime) -> int:
    """Expire lapsed holds and unanswered requests; ask for lapsed holds that may still be paid to be closed.

    Each in a transaction of its own. Answers how many it moved or announced.
    """
    lapsed = Booking.objects.lapsed(now).order_by("hold_expires_at")
    unanswered = Booking.objects.unanswered(now).order_by("pk")
    return (
        each(_batch(lapsed.filter(guarded=False)), lambda pk: _is_expired(expire_hold(pk, now=now)))
        + each(_batch(unanswered), lambda pk: _is_expired(expire_request(pk, now=now)))
        + want_closed(_batch(lapsed.filter(guarded=True)), now=now)
    )


def complete_due(now: datetime) -> int:
    """Complete what has ended. Answers how many."""

    def completed(booking_id: UUID) -> bool:
        return complete_booking(booking_id, now=now).state == BookingState.COMPLETED

    return each(_batch(Booking.objects.ended(now).order_by("ends_at")), completed)


@transaction.atomic
def complete_booking(booking_id: UUID, *, now: datetime) -> Booking:
    """Complete a confirmed booking whose end has passed and of which no report is open; else it stands."""
    booking = lock_booking(booking_id)
    if Booking.objects.ended(now).filter(pk=booking.pk).exists():
        take_arrow(
            booking, BookingState.CONFIRMED, BookingState.COMPLETED, by=None, now=now, completed_at=now
        )
    return booking


def _is_expired(booking: Booking) -> bool:
    return bool(booking.state == BookingState.EXPIRED)


def _batch(due: BookingQuerySet) -> list[UUID]:
    return list(due.values_list("pk", flat=True)[:BATCH])
