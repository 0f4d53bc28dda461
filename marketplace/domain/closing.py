"""Seeing to it that what lapsed or was given up cannot be paid any more (rules/scheduling.md 12)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from marketplace.domain.fulfilment import GIVEN_UP
from marketplace.domain.refunding import refund_session
from marketplace.models import Session
from payments.domain.arithmetic import WHOLE
from payments.domain.checkout import close_checkout
from payments.domain.orders import close_order
from payments.models import Order
from payments.states import OrderState
from scheduling.domain.arrows import lock_booking
from scheduling.domain.holds import expire_hold, unguard
from scheduling.domain.together import lock_together
from scheduling.queries.bookings import unclosed_hold
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User


def close_payment(booking_id: UUID, *, now: datetime) -> None:
    """Close the payment page of a booking at Stripe, then let its lapsed hold go. Never in a transaction.

    When it turns out to be paid, the order says so itself and ``fulfil`` follows.
    """
    order_id = _order_of(booking_id)
    if order_id is not None and close_checkout(order_id, now=now) == "closed":
        let_go(booking_id, now=now)


def close_own_lapsed(candidate: User, coach_id: int, *, now: datetime) -> None:
    """Before a new try: one's own hold with this coach that lapsed but may still be paid is closed first."""
    hold = unclosed_hold(candidate, coach_id, now=now)
    if hold is not None:
        close_payment(hold.pk, now=now)


@transaction.atomic
def let_go(booking_id: UUID, *, now: datetime) -> None:
    """Expire a lapsed hold whose payment page is closed, its series with it, and give up its order."""
    booking = lock_together(booking_id)[0]
    if booking.is_unexpired_hold(now):
        return
    order = Order.objects.select_for_update(of=("self",)).get(sessions=booking_id)
    # A page that was opened in the meantime: it is closed the next time somebody asks.
    if order.is_paid or order.checkouts.payable().exists():
        return
    unguard(booking_id, now=now)
    expire_hold(booking_id, now=now)
    close_order(order.pk, now=now)


@transaction.atomic
def give_up_order(booking_id: UUID, *, now: datetime) -> None:
    """What becomes of the order of a booking that ended: unpaid, its balance is free; paid, see below.

    A request that expired is refunded in full. Cancelled and declined ones were, by the verb that ended them.
    """
    booking = lock_booking(booking_id)
    session = Session.objects.filter(pk=booking_id).first()
    if session is None or booking.state not in GIVEN_UP:
        return
    order = close_order(session.order_id, now=now)
    if order.is_paid and booking.expired_from == BookingState.REQUESTED:
        refund_session(session, WHOLE, reason="the request expired", by=None, now=now)


@transaction.atomic
def give_up_replaced(candidate: User, coach_id: int, *, now: datetime) -> None:
    """Free the balance that a replaced hold had taken, so that the hold in its place can take it."""
    replaced = Session.objects.as_candidate(candidate).filter(
        booking__coach=coach_id, booking__state__in=sorted(GIVEN_UP), order__state=OrderState.OPEN
    )
    for order_id in replaced.values_list("order_id", flat=True).distinct():
        close_order(order_id, now=now)


def _order_of(booking_id: UUID) -> UUID | None:
    """Nothing for a booking that nobody sold."""
    return Session.objects.filter(pk=booking_id).values_list("order_id", flat=True).first()
