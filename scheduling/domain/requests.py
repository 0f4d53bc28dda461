"""Requests: the coach says yes or no, or the time to answer runs out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.errors import DomainError, ForbiddenError, NotFoundError
from scheduling.domain.arrows import expire, lock_booking, take_arrow
from scheduling.models import Booking
from scheduling.states import BookingState as S
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


class RequestExpiredError(DomainError):
    """The time to answer is over."""

    code = "request_expired"
    message = "This request was not answered in time."


@transaction.atomic
def accept_request(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """The coach says yes. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: the candidate's own request.
        RequestExpiredError: too late.
        IllegalTransitionError: it is no request any more.
    """
    booking = _lock_for_coach(booking_id, by)
    if booking.state == S.CONFIRMED:
        return booking
    if _is_overdue(booking, now):
        raise RequestExpiredError
    take_arrow(booking, S.REQUESTED, S.CONFIRMED, by=by, now=now, confirmed_at=now)
    return booking


@transaction.atomic
def decline_request(booking_id: UUID, *, by: User, reason: str, now: datetime) -> Booking:
    """The coach says no, and why. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: the candidate's own request.
        IllegalTransitionError: it is no request any more.
    """
    booking = _lock_for_coach(booking_id, by)
    if booking.state == S.DECLINED:
        return booking
    take_arrow(
        booking,
        S.REQUESTED,
        S.DECLINED,
        by=by,
        now=now,
        reason=reason,
        declined_at=now,
        decline_reason=reason,
    )
    return booking


@transaction.atomic
def expire_request(booking_id: UUID, *, now: datetime) -> Booking:
    """Expire a request that was not answered in time; anything else stands as it is."""
    booking = lock_booking(booking_id)
    if _is_overdue(booking, now):
        expire(booking, now=now)
    return booking


def _lock_for_coach(booking_id: UUID, by: User) -> Booking:
    booking = lock_booking(booking_id)
    side = booking.side_of(by)
    if side == Side.CANDIDATE:
        raise ForbiddenError
    if side != Side.COACH:
        raise NotFoundError
    return booking


def _is_overdue(booking: Booking, now: datetime) -> bool:
    expires_at = booking.request_expires_at
    return booking.state == S.REQUESTED and expires_at is not None and expires_at <= now
