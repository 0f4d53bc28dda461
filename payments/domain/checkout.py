"""Checkout: asking a buyer for an order's money at Stripe, closing the question, and hearing the answer.

The same ``apply`` serves webhook, success page, closing and reconciliation. It is gated on the payment's
status and moves forward only, so events may come twice, late, early or never.
Locks: the operation's row before the order's, the order's before the session's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.errors import DomainError
from core.events import announce
from integrations.stripe import operations
from integrations.stripe.answers import Checkout
from integrations.stripe.errors import DeclinedError, GatewayError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import UnknownObjectError, syncs
from integrations.stripe.kinds import CHECKOUT
from integrations.stripe.models import StripeOperation
from payments.domain.orders import settle
from payments.domain.pricing import PLATFORM, STRIPE_FEES
from payments.domain.surplus import give_back_surplus
from payments.events import CheckoutClosed
from payments.models import CheckoutSession, Order
from payments.rules import CHECKOUT_LENGTH, TAX_BY_STRIPE
from payments.states import CheckoutState, OrderState
from payouts.domain import ledger

Closing = Literal["paid", "closed", "unknown"]
"""``unknown``: the session may still be paid; ask again."""


class OrderClosedError(DomainError):
    """The order was paid or given up; nothing is to be paid any more."""

    code = "order_closed"
    message = "There is nothing to pay here any more. Look at your sessions for what became of it."


class CheckoutUnavailableError(DomainError):
    """Stripe did not answer, or did not want to. The intent is kept; trying again asks the same question."""

    code = "checkout_unavailable"
    status = 503
    message = "The payment page did not open. Nothing was charged; please try again in a moment."


# opening


def open_checkout(
    order_id: UUID, *, title: str, success_url: str, cancel_url: str, now: datetime
) -> CheckoutSession:
    """The page where an open order can be paid; made once, then the same one as long as it can be paid.

    ``success_url`` carries Stripe's placeholder ``{CHECKOUT_SESSION_ID}``. Calls Stripe; asks again with the
    same key after a time-out, and makes a new attempt only when the one before is refused or over.

    Raises:
        OrderClosedError: it was paid or given up.
        CheckoutUnavailableError: Stripe gave no page.
    """
    urls = {"success_url": success_url, "cancel_url": cancel_url}
    session = _opened(_intend(order_id, title=title, urls=urls, now=now), now=now)
    if session.state == CheckoutState.REFUSED or session.expires_at <= now:
        close_checkout(order_id, now=now)
        session = _opened(_intend(order_id, title=title, urls=urls, now=now), now=now)
    if session.state != CheckoutState.OPEN or session.expires_at <= now:
        raise CheckoutUnavailableError
    return session


@transaction.atomic
def _intend(order_id: UUID, *, title: str, urls: dict[str, str], now: datetime) -> CheckoutSession:
    order = Order.objects.select_for_update().select_related("buyer").get(pk=order_id)
    if order.state != OrderState.OPEN:
        raise OrderClosedError
    payable = order.checkouts.payable().first()
    if payable is not None:
        return payable
    attempt = order.checkouts.count() + 1
    expires_at = (now + CHECKOUT_LENGTH).replace(microsecond=0)
    operation = operations.plan(
        CHECKOUT,
        f"checkout:{order.pk}:{attempt}",
        {
            "reference": str(order.pk),
            "title": title,
            "amount": order.card,
            "currency": order.currency,
            "email": order.buyer.email,
            "expires_at": expires_at.isoformat(),
            "transfer_group": order.transfer_group,
            "metadata": {"order": str(order.pk), "subject": order.subject},
            "automatic_tax": settings.TAX_MODE == TAX_BY_STRIPE,
            **urls,
        },
        now=now,
        soon=False,
    )
    return CheckoutSession.objects.create(
        order=order, attempt=attempt, operation=operation, expires_at=expires_at
    )


def _opened(session: CheckoutSession, *, now: datetime) -> CheckoutSession:
    if session.state == CheckoutState.OPENING:
        operations.perform(session.operation_id, now=now)
        session.refresh_from_db()
    return session


@operations.settles(CHECKOUT)
def settle_creation(operation: StripeOperation, *, now: datetime) -> None:
    """Stripe made the page, or refused to."""
    session = _locked(CheckoutSession.objects.get(operation=operation))
    if operation.answer is not None:
        session.stripe_id, session.url = operation.answer["id"], operation.answer["url"]
    if session.state == CheckoutState.OPENING:
        session.move_to(CheckoutState.OPEN if operation.succeeded else CheckoutState.REFUSED)
        session.closed_at = None if operation.succeeded else now
    session.save(update_fields=["stripe_id", "url", "state", "closed_at"])


# closing


def close_checkout(order_id: UUID, *, now: datetime) -> Closing:
    """See to it that an order's session cannot be paid any more, or learn that it was.

    Calls Stripe. Five minutes after its frozen end a session counts as closed whatever Stripe says; a payment
    that is seen after that is a late one.
    """
    session = CheckoutSession.objects.payable().filter(order=order_id).first()
    if session is None:
        return _closing_of(order_id)
    try:
        if session.state == CheckoutState.OPENING and not operations.withdraw(session.operation_id, now=now):
            session = _opened(session, now=now)
        if session.state == CheckoutState.OPEN:
            apply(_expired_at_stripe(session.stripe_id), now=now, closing=True)
    except GatewayError:
        """Stripe cannot be asked: time decides."""
    if session.counts_as_closed(now):
        _assume_closed(session, now=now)
    return _closing_of(order_id)


def _closing_of(order_id: UUID) -> Closing:
    order = Order.objects.get(pk=order_id)
    if order.is_paid:
        return "paid"
    return "unknown" if order.checkouts.payable().exists() else "closed"


def _expired_at_stripe(stripe_id: str) -> Checkout:
    gateway = get_gateway()
    try:
        return gateway.expire_checkout(stripe_id)
    except DeclinedError:
        # It is not open: read what it is.
        return gateway.read_checkout(stripe_id)


@transaction.atomic
def _assume_closed(session: CheckoutSession, *, now: datetime) -> None:
    session = _locked(session)
    if session.is_payable:
        _close(session, now=now)


# hearing


@syncs("checkout.session")
def sync_checkout_session(object_id: str, _account: str = "", *, now: datetime) -> CheckoutSession:
    """Read a session at Stripe and follow it.

    Raises:
        UnknownObjectError: no order of ours asked for it, or none that is committed yet.
        GatewayError: Stripe cannot be asked.
    """
    return apply(get_gateway().read_checkout(object_id), now=now)


def sync_by_id(stripe_session_id: str, *, now: datetime) -> Order | None:
    """For the success page: the order behind Stripe's id, as paid as Stripe says it is. None if not ours.

    When Stripe does not answer, the order as we know it: the webhook will tell.
    """
    try:
        return sync_checkout_session(stripe_session_id, now=now).order
    except (UnknownObjectError, DeclinedError):
        return None
    except GatewayError:
        session = CheckoutSession.objects.select_related("order").filter(stripe_id=stripe_session_id).first()
        return session.order if session else None


class AmountMismatchError(RuntimeError):
    """Stripe took another amount than the order asked for: somebody has to look."""


def apply(checkout: Checkout, *, now: datetime, closing: bool = False) -> CheckoutSession:
    """Bring our rows to what a session is at Stripe: paid, over, or neither.

    ``closing``: it was found not to be open any more, so whatever is not paid is over.
    """
    operation = operations.settle_by_answer(checkout, now=now)
    if operation is None:
        raise UnknownObjectError(checkout.id)
    with transaction.atomic():
        session = _locked(CheckoutSession.objects.get(operation=operation))
        if checkout.is_paid:
            _take_payment(session, checkout, now=now)
        elif session.is_payable and (checkout.is_over or (closing and not checkout.is_open)):
            _close(session, now=now)
        return session


def _take_payment(session: CheckoutSession, checkout: Checkout, *, now: datetime) -> None:
    order = session.order
    if (checkout.amount, checkout.currency) != (order.card, order.currency):
        raise AmountMismatchError(f"{checkout.id}: {checkout.amount} instead of {order.card}")
    if session.state != CheckoutState.PAID:
        session.move_to(CheckoutState.PAID)
        session.paid_at, session.surplus = now, order.is_paid
        session.payment_intent, session.charge = checkout.payment_intent, checkout.charge
        session.save()
        if session.surplus:
            give_back_surplus(session, now=now)
        else:
            settle(order, charge=checkout.charge, tax=checkout.tax, now=now)
        announce(CheckoutClosed(at=now, order_id=order.pk, subject=order.subject, paid=True))
    _note_card(session, checkout)
    _book_fee(session, checkout, now=now)


def _note_card(session: CheckoutSession, checkout: Checkout) -> None:
    """What people are told of the card; like the charge it may be known only some time after the payment."""
    if checkout.card_brand and not session.card_brand:
        session.card_brand, session.card_last4 = checkout.card_brand, checkout.card_last4
        session.save(update_fields=["card_brand", "card_last4"])


def _book_fee(session: CheckoutSession, checkout: Checkout, *, now: datetime) -> None:
    if checkout.fee is None or session.fee is not None:
        return
    session.fee = checkout.fee
    session.save(update_fields=["fee"])
    legs = {STRIPE_FEES: checkout.fee, PLATFORM: -checkout.fee}
    ledger.post("fee", f"charge:{checkout.charge}", legs, currency=checkout.currency, now=now)


def _close(session: CheckoutSession, *, now: datetime) -> None:
    session.move_to(CheckoutState.EXPIRED)
    session.closed_at = now
    session.save(update_fields=["state", "closed_at"])
    order = session.order
    announce(CheckoutClosed(at=now, order_id=order.pk, subject=order.subject, paid=False))


def _locked(session: CheckoutSession) -> CheckoutSession:
    order = Order.objects.select_for_update().get(pk=session.order_id)
    session = CheckoutSession.objects.select_for_update().get(pk=session.pk)
    session.order = order
    return session
