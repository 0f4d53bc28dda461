"""Holds of one order stand and fall together: a series is one hold of several times (rules 11 and 12)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from core.errors import NotFoundError
from scheduling.models import Booking
from scheduling.states import BookingState


def lock_together(booking_id: UUID) -> list[Booking]:
    """A booking as it is now, first, and while it is held those that are held with it; locked until the end.

    The locks are taken in the order of the keys (see ``arrows``).

    Raises:
        NotFoundError: there is none.
    """
    asked = Booking.objects.filter(pk=booking_id).values_list("candidate_id", "series").first()
    if asked is None:
        raise NotFoundError
    candidate_id, series = asked
    one = Q(pk=booking_id)
    all_held = Q(candidate=candidate_id, series=series, state=BookingState.HELD)
    locked = Booking.objects.select_for_update().filter(one | all_held if series else one).order_by("pk")
    rows = {row.pk: row for row in locked}
    booking = rows.pop(booking_id)
    return [booking, *rows.values()] if booking.state == BookingState.HELD else [booking]


def lock_each(booking_ids: Iterable[UUID]) -> list[Booking]:
    """These bookings as they are now, locked in the order of their keys, in time order."""
    rows = Booking.objects.select_for_update().filter(pk__in=list(booking_ids)).order_by("pk")
    return sorted(rows, key=lambda row: row.starts_at)
