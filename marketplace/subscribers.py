"""What the marketplace does when something became true below it."""

from __future__ import annotations

from core import clock
from core.events import subscribe
from marketplace.domain.closing import close_payment, give_up_order, let_go
from marketplace.domain.fulfilment import fulfil
from marketplace.models import Session
from payments.events import CheckoutClosed, OrderPaid
from scheduling.events import BookingCancelled, BookingExpired, HoldWanted


@subscribe(OrderPaid)
def keep_what_was_paid_for(event: OrderPaid) -> None:
    session = Session.objects.filter(order=event.order_id).first()
    if session is not None:
        fulfil(session.pk, now=clock.now())


@subscribe(CheckoutClosed)
def let_the_slot_go(event: CheckoutClosed) -> None:
    session = Session.objects.filter(order=event.order_id).first()
    if session is not None and not event.paid:
        let_go(session.pk, now=clock.now())


@subscribe(HoldWanted, network=True)
def close_the_payment_of_a_lapsed_hold(event: HoldWanted) -> None:
    close_payment(event.booking_id, now=clock.now())


@subscribe(BookingCancelled, network=True)
def close_the_payment_of_a_cancelled_booking(event: BookingCancelled) -> None:
    now = clock.now()
    give_up_order(event.booking_id, now=now)
    close_payment(event.booking_id, now=now)


@subscribe(BookingExpired)
def settle_an_expired_booking(event: BookingExpired) -> None:
    give_up_order(event.booking_id, now=clock.now())
