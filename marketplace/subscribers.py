"""What the marketplace does when something became true below it."""

from __future__ import annotations

from core import clock
from core.events import subscribe
from marketplace.domain.closing import close_payment, give_up_order, let_go
from marketplace.domain.copies import mirror_session
from marketplace.domain.freed import offer_freed_time, offer_time_of
from marketplace.domain.fulfilment import fulfil_order
from marketplace.domain.waitlist import leave_when_served
from marketplace.models import Session
from payments.events import CheckoutClosed, OrderPaid
from scheduling.events import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingExpired,
    BookingMoved,
    BookingRequested,
    HoldWanted,
    TimeFreed,
)


@subscribe(OrderPaid)
def keep_what_was_paid_for(event: OrderPaid) -> None:
    fulfil_order(event.order_id, now=clock.now())


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


# Who waits for a time (rules/scheduling.md 18). One function an event: each is delivered by its name.


@subscribe(BookingCancelled)
def offer_what_was_cancelled(event: BookingCancelled) -> None:
    offer_time_of(event.booking_id, now=clock.now())


@subscribe(BookingExpired)
def offer_what_expired(event: BookingExpired) -> None:
    offer_time_of(event.booking_id, now=clock.now())


@subscribe(BookingDeclined)
def offer_what_was_declined(event: BookingDeclined) -> None:
    offer_time_of(event.booking_id, now=clock.now())


@subscribe(TimeFreed)
def offer_what_was_freed(event: TimeFreed) -> None:
    offer_freed_time(event.coach_id, event.from_at, event.to_at, now=clock.now())


@subscribe(BookingConfirmed)
def let_who_is_served_leave_the_waitlist(event: BookingConfirmed) -> None:
    leave_when_served(event.booking_id, now=clock.now())


@subscribe(BookingRequested)
def let_who_asked_leave_the_waitlist(event: BookingRequested) -> None:
    leave_when_served(event.booking_id, now=clock.now())


# Connected calendars (rules/scheduling.md 14): each event only says that there may be something to write.


@subscribe(BookingConfirmed, network=True)
def write_what_was_confirmed(event: BookingConfirmed) -> None:
    mirror_session(event.booking_id, now=clock.now())


@subscribe(BookingMoved, network=True)
def write_what_was_moved(event: BookingMoved) -> None:
    mirror_session(event.booking_id, now=clock.now())


@subscribe(BookingCancelled, network=True)
def take_out_what_was_cancelled(event: BookingCancelled) -> None:
    mirror_session(event.booking_id, now=clock.now())
