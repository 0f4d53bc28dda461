"""What a paid order means: the slot is kept, or the money goes back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.events import announce
from marketplace.domain.rates import rate_of
from marketplace.domain.refunding import refund_session
from marketplace.events import PaymentReturned
from marketplace.models import Session
from payments.domain.arithmetic import WHOLE
from payments.domain.rates import freeze_rate
from payouts.domain.shares import schedule_release
from scheduling.domain.arrows import lock_booking, lock_people
from scheduling.domain.confirming import LateConfirmRefusedError, confirm_booking, confirm_late
from scheduling.domain.together import lock_each
from scheduling.models import Booking
from scheduling.states import BookingState

GIVEN_UP = frozenset({BookingState.CANCELLED, BookingState.EXPIRED, BookingState.DECLINED})


@transaction.atomic
def fulfil_order(order_id: UUID, *, now: datetime) -> list[Booking]:
    """Keep what was paid for, each session of the order by itself: what cannot be kept goes back, no more.

    Twice is once. Nothing for an order that paid for no session.
    """
    sessions = Session.objects.filter(order=order_id).order_by("booking__starts_at")
    people = sessions.values_list("booking__coach", "booking__candidate").first()
    if people is None:
        return []
    booking_ids = list(sessions.values_list("pk", flat=True))
    if len(booking_ids) > 1:
        # All of it before the order's own lock, in the order that ``arrows`` names.
        lock_people(*people)
        lock_each(booking_ids)
    return [fulfil(booking_id, now=now) for booking_id in booking_ids]


@transaction.atomic
def fulfil(booking_id: UUID, *, now: datetime) -> Booking:
    """Keep what was paid for: confirm the hold, or refund in full what cannot be kept. Twice is once.

    A hold becomes confirmed, or a request where the coach has to say yes. One that expired is confirmed late
    where rule 12 lets it; a payment for anything that was given up goes back.
    """
    session = Session.objects.with_people().get(pk=booking_id)
    state = Booking.objects.values_list("state", flat=True).get(pk=booking_id)
    if state == BookingState.EXPIRED:
        return _fulfil_late(session, now=now)
    booking = lock_booking(booking_id)
    if booking.state == BookingState.HELD:
        booking = confirm_booking(booking_id, now=now)
        promise(session, booking, now=now)
    elif booking.state in GIVEN_UP:
        _return_payment(session, booking, reason=booking.state, now=now)
    return booking


@transaction.atomic
def promise(session: Session, booking: Booking, *, now: datetime) -> None:
    """Freeze the rate of a booking that is being confirmed and say when its share is due at the latest."""
    if booking.state != BookingState.CONFIRMED:
        return
    freeze_rate(session.line_id, rate_of(booking, private_link=session.private_link), now=now)
    for source in share_sources(session):
        schedule_release(source, booking.ends_at + settings.RELEASE_LATEST, now=now)


def share_sources(session: Session) -> list[str]:
    """The source of the share in what was paid for this session; none where nothing was to be paid."""
    return [session.line.share_source] if session.line.payee_id else []


def _fulfil_late(session: Session, *, now: datetime) -> Booking:
    """A payment that was seen after the hold expired: kept if the slot is still free, else refunded."""
    try:
        _refuse_late(session)
        booking = confirm_late(session.pk, now=now)
    except LateConfirmRefusedError as refusal:
        booking = lock_booking(session.pk)
        _return_payment(session, booking, reason=refusal.reason, now=now)
        return booking
    promise(session, booking, now=now)
    return booking


def _refuse_late(session: Session) -> None:
    """The seller's side of rule 12: all of its money is here and stays, and the coach still sells."""
    if session.line.refunded:
        raise LateConfirmRefusedError("refunded")
    if session.order.is_short:
        raise LateConfirmRefusedError("balance_spent")
    if not session.booking.coach.coach.is_live:
        raise LateConfirmRefusedError("inactive")


def _return_payment(session: Session, booking: Booking, *, reason: str, now: datetime) -> None:
    if booking.confirmed_at is not None:
        # It was kept; who cancelled it since then has settled the money. This is old news of its payment.
        return
    refund = refund_session(session, WHOLE, reason=f"paid after it was {booking.state}", by=None, now=now)
    if refund is not None:
        announce(PaymentReturned(at=now, booking_id=booking.pk, reason=reason))
