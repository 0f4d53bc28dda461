"""Before a payment is taken, the coach's connected calendars are asked once more (rule 14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from scheduling.domain.arrows import cancel
from scheduling.domain.syncing import sync_before_payment
from scheduling.domain.together import lock_together
from scheduling.domain.tries import SlotUnavailableError
from scheduling.models import Booking, ConnectedCalendar
from scheduling.queries.busy import is_busy
from scheduling.states import BookingState


def check_before_payment(booking_id: UUID, *, now: datetime) -> None:
    """Release a hold, and what is held with it, whose time turns out to be taken in a connected calendar.

    Talks to the network, so never inside a transaction. Harmless for what is no hold.

    Raises:
        SlotUnavailableError: it was released; ``reason`` is ``busy`` or ``calendar_stale``.
    """
    coach_id = Booking.objects.filter(pk=booking_id).values_list("coach_id", flat=True).first()
    if coach_id is None or not ConnectedCalendar.objects.filter(owner_id=coach_id).exists():
        return
    sync_before_payment(coach_id, now=now)
    reason = _release_if_taken(booking_id, now=now)
    if reason:
        raise SlotUnavailableError(reason)


@transaction.atomic
def _release_if_taken(booking_id: UUID, *, now: datetime) -> str:
    held = [each for each in lock_together(booking_id) if each.state == BookingState.HELD]
    reason = _reason_against(held, now)
    for each in held if reason else []:
        cancel(each, by=None, now=now, reason=reason)
    return reason


def _reason_against(held: list[Booking], now: datetime) -> str:
    if any(is_busy(each.coach_id, each.blocked) for each in held):
        return "busy"
    coaches = {each.coach_id for each in held}
    stale = ConnectedCalendar.objects.stale(now).filter(owner_id__in=coaches)
    return "calendar_stale" if stale.exists() else ""
