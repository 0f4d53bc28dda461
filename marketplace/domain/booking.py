"""From a chosen slot to a hold that can be paid: the slot, its session, its order and the payment page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.errors import InvalidError
from marketplace.domain.closing import close_own_lapsed, give_up_replaced
from marketplace.domain.fulfilment import fulfil_order
from marketplace.domain.quotas import check_quotas
from marketplace.domain.rates import rate_of
from marketplace.models import Offer, Session
from marketplace.models.session import subject_of
from payments.domain.checkout import open_checkout
from payments.domain.orders import NewLine, open_order, settle_without_card
from payments.models import CheckoutSession
from payouts.domain.payees import payee_of
from scheduling.domain.holds import guard, hold_slot
from scheduling.domain.rechecking import check_before_payment
from scheduling.domain.terms import SessionTerms
from scheduling.domain.tries import SlotUnavailableError, trying
from scheduling.models import Booking
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Booked:
    """The answer to a try: the session, and whether this try made it."""

    session: Session
    is_new: bool


@dataclass(frozen=True)
class Wish:
    """What a candidate asks for. ``timezone`` is the zone in which he reads times (IANA)."""

    offer_id: int
    starts_at: datetime
    timezone: str
    answers: dict[str, Any]
    private_code: str = ""


def book(wish: Wish, *, candidate: User, now: datetime) -> Booked:
    """Hold the slot with its order, or confirm at once where nothing is to be paid.

    All or nothing, in one transaction; the payment page is opened by ``payment_page`` afterwards. Closing
    one's own lapsed hold comes first and may ask Stripe, so never inside a transaction.

    Raises:
        InvalidError: there is no such offer, or it is not for a time.
        DomainError: the refusals of ``hold_slot`` and of ``check_quotas``.
    """
    coach_id = Offer.objects.filter(pk=wish.offer_id).values_list("coach__user_id", flat=True).first()
    if coach_id is not None:
        close_own_lapsed(candidate, coach_id, now=now)
    with trying(now=now):
        offer = offer_on_sale(wish.offer_id)
        hold = hold_slot(
            coach_id=offer.coach.user_id,
            candidate=candidate,
            starts_at=wish.starts_at,
            terms=terms_of(offer),
            timezone=wish.timezone,
            now=now,
        )
        if not hold.is_new:
            return Booked(Session.objects.with_people().get(pk=hold.booking.pk), is_new=False)
        check_quotas(offer, hold.booking, now=now)
        return Booked(open_session(hold.booking, offer, wish, now=now), is_new=True)


def payment_page(session: Session, *, now: datetime) -> CheckoutSession | None:
    """The Stripe page on which a hold is paid, the same one while it is open; None: nothing is to be paid.

    Asks Stripe, so never inside a transaction.

    Raises:
        HoldExpiredError: the hold ran out.
        SlotUnavailableError: the coach's connected calendar says something else by now; the hold is released.
        CheckoutUnavailableError: Stripe gave no page; the hold stands and asking again is safe.
    """
    if session.booking.state != BookingState.HELD:
        return None
    check_before_payment(session.pk, now=now)
    if not session.order.to_pay:
        _keep_without_card(session, now=now)
        return None
    # The hold has to be guarded before anybody can pay for it (rule 12).
    guard(session.pk, now=now)
    back = settings.SITE_URL + reverse("booking_prepare", args=[session.pk])
    paid = settings.SITE_URL + reverse("booking_paid", args=[session.pk])
    return open_checkout(
        session.order_id,
        title=_title(session),
        success_url=f"{paid}?checkout={{CHECKOUT_SESSION_ID}}",
        cancel_url=back,
        now=now,
    )


def _title(session: Session) -> str:
    title, many = f"{session.offer.name} with {session.booking.coach.coach.name}", session.order.lines.count()
    return f"{many} × {title}" if many > 1 else title


@transaction.atomic
def _keep_without_card(session: Session, *, now: datetime) -> None:
    """The yes to an offered time that costs nothing, or that a balance covers."""
    guard(session.pk, now=now)
    settle_without_card(session.order_id, now=now)
    fulfil_order(session.order_id, now=now)


def offer_on_sale(offer_id: int) -> Offer:
    """The offer with its coach, both locked against changes until the time is taken (rule 13).

    Raises:
        InvalidError: there is no such offer, or it is not for a time.
        SlotUnavailableError: ``inactive``, for it is not sold now.
    """
    rows = Offer.objects.raw(
        "SELECT o.* FROM marketplace_offer o JOIN marketplace_coach c ON c.id = o.coach_id"
        " WHERE o.id = %s FOR SHARE",
        [offer_id],
    )
    offer = next(iter(rows), None)
    if offer is None:
        raise InvalidError(fields={"offer": ["There is no such offer."]})
    if not offer.is_for_a_time:
        raise InvalidError(fields={"offer": ["A resume review needs no time."]})
    if not (offer.active and offer.coach.is_live):
        raise SlotUnavailableError("inactive")
    return offer


def terms_of(offer: Offer) -> SessionTerms:
    """What scheduling is told about a session of this offer."""
    return SessionTerms(
        offer=str(offer.pk),
        duration_minutes=offer.duration_minutes,
        paid=not offer.is_free,
        needs_approval=offer.needs_approval,
        terms=f"offer:{offer.pk}",
    )


def open_session(booking: Booking, offer: Offer, wish: Wish, *, now: datetime) -> Session:
    """Write the session and the order of a booking just made; what costs nothing is kept at once.

    A time offered from the waitlist is kept when its candidate says yes, whatever it costs.
    """
    return open_sessions([booking], offer, answers=wish.answers, private_code=wish.private_code, now=now)[0]


def open_sessions(
    bookings: Sequence[Booking], offer: Offer, *, answers: dict[str, Any], private_code: str, now: datetime
) -> list[Session]:
    """The same for bookings of one order, in time order: each has its own line of it."""
    first = bookings[0]
    give_up_replaced(first.candidate, first.coach_id, now=now)
    private = bool(private_code) and private_code == offer.coach.private_code
    payee_id = None if offer.is_free else payee_of(offer.coach.user, now=now).pk
    order = open_order(
        buyer=first.candidate,
        subject=f"series:{first.series}" if first.series else subject_of(first.pk),
        lines=[
            NewLine(
                kind="session",
                source=subject_of(booking.pk),
                amount=offer.price,
                payee_id=payee_id,
                rate_bp=rate_of(booking, private_link=private),
            )
            for booking in bookings
        ],
        use_balance=True,
        now=now,
        awaits_yes=first.from_waitlist,
    )
    lines = {line.source: line for line in order.lines.all()}
    for booking in bookings:
        Session.objects.create(
            booking=booking,
            offer=offer,
            order=order,
            line=lines[subject_of(booking.pk)],
            private_link=private,
            answered_at=now if answers else None,
            **answers,
        )
    if not order.to_pay and not first.from_waitlist:
        fulfil_order(order.pk, now=now)
    return list(Session.objects.with_people().filter(order=order).order_by("booking__starts_at"))
