"""A held slot becomes a promise: paid in time, or late."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.errors import DomainError, NotFoundError
from scheduling.domain.arrows import lock_booking, lock_people, take_arrow
from scheduling.domain.conflicts import InTheWayError, make_way
from scheduling.models import Booking
from scheduling.queries.busy import is_busy
from scheduling.states import BookingState as S


class LateConfirmRefusedError(DomainError):
    """A payment came too late to be honoured and goes back in full.

    ``reason``: ``cancelled``, ``request`` (it was a request that expired), ``needs_approval``, ``past``,
    ``busy`` (a connected calendar of the coach says so), ``slot_taken`` or ``candidate_busy``.
    """

    code = "late_payment_refused"
    message = "The payment arrived after the time was given up. It is refunded in full."

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


@transaction.atomic
def confirm_booking(booking_id: UUID, *, now: datetime) -> Booking:
    """A paid hold is confirmed, or requested where the coach has to say yes. Twice is once.

    A hold that has lapsed but was not closed yet counts as paid in time (rule 12).

    Raises:
        NotFoundError: there is none.
        IllegalTransitionError: the hold is gone; see ``confirm_late``.
    """
    booking = lock_booking(booking_id)
    if booking.state in {S.CONFIRMED, S.REQUESTED}:
        return booking
    if booking.needs_approval:
        take_arrow(booking, S.HELD, S.REQUESTED, by=None, now=now, requested_at=now)
    else:
        take_arrow(booking, S.HELD, S.CONFIRMED, by=None, now=now, confirmed_at=now)
    return booking


@transaction.atomic
def confirm_late(booking_id: UUID, *, now: datetime) -> Booking:
    """Honour a payment that was seen after the hold expired, when the time is still free. Twice is once.

    The caller knows the seller's side: nothing of the money was refunded, what else paid can be taken
    again, the coach is not suspended. Notice, window and limits are not asked again.

    Raises:
        NotFoundError: there is none.
        LateConfirmRefusedError: it cannot be honoured.
    """
    people = Booking.objects.filter(pk=booking_id).values_list("coach_id", "candidate_id").first()
    if people is None:
        raise NotFoundError
    lock_people(*people)
    booking = lock_booking(booking_id)
    if booking.state == S.CONFIRMED:
        return booking
    reason = _why_too_late(booking, now)
    if reason:
        raise LateConfirmRefusedError(reason)
    _revive(booking, now=now)
    return booking


def _why_too_late(booking: Booking, now: datetime) -> str:
    if booking.state != S.EXPIRED:
        return booking.state
    if booking.expired_from != S.HELD:
        return "request"
    if booking.needs_approval:
        return "needs_approval"
    if booking.starts_at <= now:
        return "past"
    return "busy" if is_busy(booking.coach_id, booking.blocked) else ""


def _revive(booking: Booking, *, now: datetime) -> None:
    try:
        # A savepoint: what was expired in passing comes back when the payment cannot be honoured after all.
        with transaction.atomic():
            make_way(booking, now=now)
            take_arrow(booking, S.EXPIRED, S.CONFIRMED, by=None, now=now, confirmed_at=now)
    except InTheWayError as refusal:
        raise LateConfirmRefusedError(refusal.code) from refusal
    except IntegrityError as overlap:
        # An exclusion constraint had the last word; updates have no ON CONFLICT.
        raise LateConfirmRefusedError("slot_taken") from overlap
