from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction

from integrations.stripe import operations
from integrations.stripe.client import client
from integrations.stripe.inbox import UnknownObjectError
from integrations.stripe.models import StripeEvent, StripeOperation
from payments.domain.checkout import (
    AmountMismatchError,
    CheckoutUnavailableError,
    OrderClosedError,
    close_checkout,
    sync_by_id,
    sync_checkout_session,
)
from payments.domain.orders import close_order
from payments.models import CheckoutSession, Order, Refund
from payments.states import CheckoutState, OrderState
from payouts.models import Share
from payouts.queries.ledger import balances_by_kind

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
CREATION = "POST /v1/checkout/sessions"


@contextmanager
def dead_before_the_call(monkeypatch):
    """The worker dies after the intent was committed and before Stripe was asked."""
    with monkeypatch.context() as patch:
        patch.setattr("integrations.stripe.operations.perform", lambda *_args, **_kwargs: None)
        yield


def states(order):
    """The order's state and those of its sessions, by attempt."""
    sessions = CheckoutSession.objects.filter(order=order).order_by("attempt")
    return Order.objects.get(pk=order.pk).state, [session.state for session in sessions]


def test_a_paid_session_settles_the_order_once(stripe, order, open_page):
    session = open_page(order)
    stripe.pay(session)
    stripe.work()
    session.refresh_from_db()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])
    assert balances_by_kind("usd") == {
        "payee_held": -9600,
        "platform_revenue": -2400,
        "stripe_fees": session.fee,
        "stripe_platform": 12000 - session.fee,
    }
    share = Share.objects.get()
    assert (share.amount, share.source_transaction, share.sourced_limit) == (9600, session.charge, 12000)
    assert stripe.available_and_pending == 12000 - session.fee


def test_asking_again_answers_the_same_page(stripe, order, open_page, now):
    first, second = open_page(order), open_page(order, at=now + MINUTE)
    assert (second.pk, second.url) == (first.pk, first.url)
    assert len(stripe.objects("checkout.session")) == 1


def test_webhook_success_page_and_closing_together_pay_once(stripe, order, open_page, now):
    session = open_page(order)
    stripe.pay(session)
    assert sync_by_id(session.stripe_id, now=now) == order
    assert sync_by_id(session.stripe_id, now=now) == order
    assert close_checkout(order.pk, now=now) == "paid"
    stripe.work()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])
    assert balances_by_kind("usd")["payee_held"] == -9600


def test_the_success_page_knows_no_strangers_session(stripe, order, open_page, now):
    open_page(order)
    assert sync_by_id("cs_test_somebody_elses", now=now) is None


def test_when_stripe_is_silent_the_success_page_shows_the_order_as_we_know_it(stripe, order, open_page, now):
    session = open_page(order)
    stripe.fault("reset", "GET *", times=99)
    assert sync_by_id(session.stripe_id, now=now) == order
    assert sync_by_id("cs_test_unknown", now=now) is None


@pytest.mark.parametrize("card", ["4000000000000002", "4000000000009995"])
def test_a_declined_card_pays_nothing_and_may_be_followed_by_a_good_one(stripe, order, open_page, card):
    session = open_page(order)
    assert stripe.pay(session, card)["error"]["type"] == "card_error"
    stripe.work()
    assert states(order) == (OrderState.OPEN, [CheckoutState.OPEN])
    stripe.pay(session)
    stripe.work()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])


def test_a_payment_that_fails_3d_secure_is_none(stripe, order, open_page):
    session = open_page(order)
    stripe.pay(session, "4000002760003184", authenticate=False)
    stripe.work()
    assert states(order) == (OrderState.OPEN, [CheckoutState.OPEN])
    stripe.pay(session, "4000002760003184", authenticate=True)
    stripe.work()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])


def test_a_time_out_after_the_page_was_made_makes_no_second_one(stripe, order, open_page, now):
    stripe.fault("timeout_after", CREATION, times=3)
    with pytest.raises(CheckoutUnavailableError):
        open_page(order)
    assert StripeOperation.objects.get().state == "unknown"
    session = open_page(order, at=now + MINUTE)
    assert (session.attempt, session.state) == (1, CheckoutState.OPEN)
    assert len(stripe.objects("checkout.session")) == 1


def test_a_worker_that_died_before_the_call_left_an_intent_that_is_sent_later(
    stripe, order, open_page, monkeypatch, now
):
    with dead_before_the_call(monkeypatch), pytest.raises(CheckoutUnavailableError):
        open_page(order)
    assert (StripeOperation.objects.get().state, stripe.objects("checkout.session")) == ("planned", [])
    session = open_page(order, at=now + MINUTE)
    assert (session.attempt, session.state) == (1, CheckoutState.OPEN)


def test_a_refused_page_gets_a_new_attempt(stripe, order, open_page, monkeypatch, now):
    with dead_before_the_call(monkeypatch), pytest.raises(CheckoutUnavailableError):
        open_page(order)
    # The frozen end is now less than thirty minutes away: Stripe refuses it for good.
    stripe.set_clock(now + 15 * MINUTE)
    session = open_page(order, at=now + 15 * MINUTE)
    assert (session.attempt, session.state) == (2, CheckoutState.OPEN)
    assert states(order) == (OrderState.OPEN, [CheckoutState.REFUSED, CheckoutState.OPEN])


def test_a_page_that_ran_out_is_closed_before_a_new_one_opens(stripe, order, open_page, now):
    open_page(order)
    later = now + 41 * MINUTE
    stripe.set_clock(later)
    assert open_page(order, at=later).attempt == 2
    assert states(order) == (OrderState.OPEN, [CheckoutState.EXPIRED, CheckoutState.OPEN])


def test_a_paid_order_opens_no_page(paid, open_page):
    with pytest.raises(OrderClosedError):
        open_page(paid)


def test_a_closed_order_opens_no_page(order, open_page, now):
    close_order(order.pk, now=now)
    with pytest.raises(OrderClosedError):
        open_page(order)


def test_closing_expires_an_open_page(stripe, order, open_page, now):
    session = open_page(order)
    assert close_checkout(order.pk, now=now) == "closed"
    assert close_checkout(order.pk, now=now) == "closed"
    assert states(order) == (OrderState.OPEN, [CheckoutState.EXPIRED])
    assert stripe.pay(session)["error"]["message"]


def test_closing_a_page_that_was_just_paid_finds_the_payment(stripe, order, open_page, now):
    stripe.pay(open_page(order))
    assert close_checkout(order.pk, now=now) == "paid"
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])


def test_closing_without_an_answer_is_unknown_until_time_decides(stripe, order, open_page, now):
    open_page(order)
    stripe.fault("reset", times=99)
    assert close_checkout(order.pk, now=now + 44 * MINUTE) == "unknown"
    assert close_checkout(order.pk, now=now + 45 * MINUTE) == "closed"


def test_closing_a_page_whose_creation_is_unknown(stripe, order, open_page, now):
    stripe.fault("timeout_before", CREATION, times=6)
    with pytest.raises(CheckoutUnavailableError):
        open_page(order)
    assert close_checkout(order.pk, now=now) == "unknown"
    assert close_checkout(order.pk, now=now) == "closed"
    assert states(order) == (OrderState.OPEN, [CheckoutState.EXPIRED])


def test_an_answer_after_the_page_counted_as_closed_leaves_it_closed(stripe, order, open_page, now):
    stripe.fault("timeout_after", CREATION, times=6)
    with pytest.raises(CheckoutUnavailableError):
        open_page(order)
    assert close_checkout(order.pk, now=now + 45 * MINUTE) == "closed"
    operations.repeat_unknown(now + 60 * MINUTE)
    session = CheckoutSession.objects.get()
    assert (session.state, session.stripe_id[:3]) == (CheckoutState.EXPIRED, "cs_")


def test_closing_withdraws_an_intent_that_was_never_sent(stripe, order, open_page, monkeypatch, now):
    with dead_before_the_call(monkeypatch), pytest.raises(CheckoutUnavailableError):
        open_page(order)
    assert close_checkout(order.pk, now=now) == "closed"
    stripe.work()
    assert stripe.objects("checkout.session") == []


def test_an_order_without_a_page_counts_as_closed(stripe, order, now):
    assert close_checkout(order.pk, now=now) == "closed"


def test_a_page_that_nobody_paid_is_closed_by_stripes_own_word(stripe, order, open_page, now):
    open_page(order)
    stripe.work(now + 41 * MINUTE)
    assert states(order) == (OrderState.OPEN, [CheckoutState.EXPIRED])


def test_a_lost_word_of_the_end_is_asked_for_by_the_job(stripe, order, open_page, now):
    open_page(order)
    stripe.fault("drop_webhook", "*", times=99)
    stripe.work(now + 46 * MINUTE)
    assert states(order) == (OrderState.OPEN, [CheckoutState.EXPIRED])


def test_a_payment_after_the_order_was_closed_is_recorded_as_late(stripe, order, open_page, now):
    session = open_page(order)
    stripe.pay(session)
    close_order(order.pk, now=now)
    stripe.work()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])
    assert balances_by_kind("usd")["stripe_platform"] == stripe.available_and_pending


def test_a_session_assumed_closed_and_paid_after_all_is_a_late_payment(stripe, order, open_page, now):
    session = open_page(order)
    stripe.pay(session)
    stripe.fault("reset", times=99)
    assert close_checkout(order.pk, now=now + 45 * MINUTE) == "closed"
    close_order(order.pk, now=now)
    stripe.lift_faults()
    stripe.work()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID])


def test_a_second_payment_is_booked_and_goes_straight_back(stripe, order, open_page, now):
    first = open_page(order)
    stripe.fault("reset", times=99)
    close_checkout(order.pk, now=now + 45 * MINUTE)
    stripe.lift_faults()
    second = open_page(order)
    stripe.pay(first)
    stripe.pay(second)
    stripe.work()
    assert states(order) == (OrderState.PAID, [CheckoutState.PAID, CheckoutState.PAID])
    refund = Refund.objects.get()
    assert (refund.card, refund.state) == (12000, "succeeded")
    assert CheckoutSession.objects.get(refunds=refund).surplus is True
    balances = balances_by_kind("usd")
    assert (balances["payee_held"], balances["platform_revenue"]) == (-9600, -2400)
    assert balances.get("customer_balance", 0) == 0
    assert balances["stripe_platform"] == stripe.available_and_pending


def test_another_amount_than_asked_for_is_left_for_people_to_look_at(stripe, order, open_page, now):
    session = open_page(order)
    stripe.pay(session)
    Order.objects.update(card=11000, price=11000)
    with pytest.raises(AmountMismatchError):
        sync_checkout_session(session.stripe_id, now=now)
    stripe.work()
    event = StripeEvent.objects.get(object_id=session.stripe_id)
    assert (event.handled_at, event.error.split(":")[0]) == (None, "AmountMismatchError")


def test_a_session_that_is_not_ours_is_tried_for_a_day_and_then_let_go(stripe, now):
    foreign = client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://elsewhere.test/",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {"currency": "usd", "unit_amount": 500, "product_data": {"name": "A mug"}},
                }
            ],
        }
    )
    with pytest.raises(UnknownObjectError):
        sync_checkout_session(foreign.id, now=now)
    stripe.pay(foreign.id)
    stripe.work()
    event = StripeEvent.objects.get()
    assert (event.handled_at, event.error) == (None, f"unknown object: {foreign.id}")
    stripe.work(now + timedelta(hours=25))
    event.refresh_from_db()
    assert (event.handled_at, event.error) == (now + timedelta(hours=25), f"not ours: {foreign.id}")


def test_nothing_is_asked_of_stripe_inside_a_transaction(stripe, transactional_db, order, open_page, now):
    open_page(order)
    with transaction.atomic(), pytest.raises(RuntimeError):
        close_checkout(order.pk, now=now)


def test_the_page_carries_what_stripe_needs_to_know(stripe, order, open_page, now):
    session = open_page(order)
    made = stripe.objects("checkout.session")[0]
    assert made["client_reference_id"] == str(order.pk)
    assert made["expires_at"] == int((now + 40 * MINUTE).timestamp())
    assert made["success_url"].endswith("{CHECKOUT_SESSION_ID}")
    assert made["metadata"] == {
        "order": str(order.pk),
        "subject": order.subject,
        "operation": f"checkout:{order.pk}:1",
    }
    assert "us_bank_account" in made["excluded_payment_method_types"]
    stripe.pay(session)
    assert stripe.objects("payment_intent")[0]["transfer_group"] == order.transfer_group
