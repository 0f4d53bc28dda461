from __future__ import annotations

from datetime import timedelta

import pytest

from payments.domain.checkout import close_checkout, sync_checkout_session
from payments.domain.orders import close_order
from payments.domain.refunds import refund_percent
from payments.models import CheckoutSession, Order, OrderLine, Refund
from payments.tasks import close_unwanted_checkouts, fetch_missing_fees, follow_pending_refunds

pytestmark = pytest.mark.django_db


def test_a_fee_that_came_later_is_fetched_and_booked(paid, now):
    CheckoutSession.objects.update(fee=None)
    assert (fetch_missing_fees(now), fetch_missing_fees(now)) == (1, 0)
    assert CheckoutSession.objects.get().fee == 378


def test_a_refund_whose_end_nobody_told_us_is_followed(stripe, order, open_page, now):
    stripe.pay(open_page(order), "4000000000007726")
    stripe.work()
    refund_percent(order.lines.get().pk, 100, reason="cancelled", by=None, now=now)
    stripe.work()
    assert follow_pending_refunds(now) == 0
    stripe.set_clock(now + timedelta(days=1))
    stripe.emulator.run_due()
    assert (follow_pending_refunds(now), follow_pending_refunds(now)) == (1, 0)
    assert Refund.objects.get().state == "succeeded"


def test_a_page_that_nobody_should_pay_any_more_is_closed_before_its_end(stripe, order, open_page, now):
    """The order was given up; Stripe did not answer when its page was to be closed."""
    given_up = open_page(order)
    assert close_unwanted_checkouts(now) == 0
    close_order(order.pk, now=now)
    stripe.fault("reset", times=99)
    assert close_unwanted_checkouts(now) == 0
    stripe.lift_faults()
    assert (close_unwanted_checkouts(now), close_unwanted_checkouts(now)) == (1, 0)
    given_up.refresh_from_db()
    assert (given_up.state, stripe.objects("checkout.session")[0]["status"]) == ("expired", "expired")


def test_the_second_page_of_an_order_that_the_first_one_paid_is_closed(stripe, order, open_page, now):
    first = open_page(order)
    stripe.fault("reset", times=99)
    close_checkout(order.pk, now=now + timedelta(minutes=45))
    stripe.lift_faults()
    second = open_page(order)
    stripe.pay(first)
    sync_checkout_session(first.stripe_id, now=now)
    assert close_unwanted_checkouts(now) == 1
    second.refresh_from_db()
    assert (second.state, Refund.objects.count()) == ("expired", 0)


def test_one_that_fails_holds_up_nobody_else(stripe, order, make_order, open_page, now):
    for number, each in enumerate([order, make_order(subject="booking:2")]):
        session = open_page(each)
        stripe.pay(session)
        if number == 0:
            Order.objects.filter(pk=each.pk).update(card=11000, price=11000)
    later = now + timedelta(minutes=45)
    assert close_unwanted_checkouts(later) == 1
    assert sorted(Order.objects.values_list("state", flat=True)) == ["open", "paid"]


def test_rows_say_what_they_are_in_the_admin(stripe, paid, now):
    refund = refund_percent(paid.lines.get().pk, 100, reason="cancelled", by=None, now=now)
    session = CheckoutSession.objects.get()
    assert str(paid) == f"order for {paid.subject}"
    assert str(OrderLine.objects.get()) == f"session {paid.subject}"
    assert (str(session), str(CheckoutSession(order=paid, attempt=2))) == (
        session.stripe_id,
        f"attempt 2 of {paid}",
    )
    assert str(refund) == f"refund of 12000 for {paid}"
    assert list(Order.objects.paid()) == [paid]
