"""The platform's rate of a session (rules/money.md 4), in basis points."""

from __future__ import annotations

from django.conf import settings

from marketplace.models import Session
from scheduling.models import Booking
from scheduling.states import BookingState


def rate_of(booking: Booking, *, private_link: bool) -> int:
    """The lowest rate that applies at this moment; frozen when the booking is confirmed."""
    rates = [settings.PLATFORM_RATE_BP]
    if _is_experienced(booking.coach_id):
        rates.append(settings.EXPERIENCED_RATE_BP)
    if private_link or _came_by_private_link(booking):
        rates.append(settings.PRIVATE_LINK_RATE_BP)
    return min(rates)


def _is_experienced(coach_id: int) -> bool:
    held = Session.objects.filter(
        booking__coach=coach_id, booking__state=BookingState.COMPLETED, order__price__gt=0
    )
    return held.count() >= settings.EXPERIENCED_AFTER_SESSIONS


def _came_by_private_link(booking: Booking) -> bool:
    """Whether this candidate's first paid booking with this coach was made from the coach's own link."""
    paid = Session.objects.filter(
        booking__coach=booking.coach_id,
        booking__candidate=booking.candidate_id,
        order__price__gt=0,
        order__paid_at__isnull=False,
    )
    first = paid.order_by("order__paid_at", "booking__created_at").first()
    return first is not None and first.private_link
