from __future__ import annotations

from datetime import timedelta

import pytest

from payments.domain.refunds import refund_percent
from payments.models import CheckoutSession, Order, OrderLine, Refund
from payments.tasks import close_ended_checkouts, fetch_missing_fees, follow_pending_refunds

pytestmark = pytest.mark.django_db


def test_a_fee_that_came_later_is_fetched_and_booked(paid, now):
    CheckoutSession.objects.update(fee=None)
    assert (fetch_missing_fees(now), fetch_missing_fees(now)) == (1, 0)
    assert CheckoutSession.objects.get().fee == 378


def test_a_refund_whose_end_nobody_told_us_is_followed(stripe, order, open_page, now):
    stripe.pay(open_page(order), "4000000000007726")
    stripe.work()
    refund_percent(order.pk, 100, reason="cancelled", by=None, now=now)
    stripe.work()
    assert follow_pending_refunds(now) == 0
    stripe.set_clock(now + timedelta(days=1))
    stripe.emulator.run_due()
    assert (follow_pending_refunds(now), follow_pending_refunds(now)) == (1, 0)
    assert Refund.objects.get().state == "succeeded"


def test_one_that_fails_holds_up_nobody_else(stripe, order, make_order, open_page, now):
    for number, each in enumerate([order, make_order(subject="booking:2")]):
        session = open_page(each)
        stripe.pay(session)
        if number == 0:
            Order.objects.filter(pk=each.pk).update(card=11000, price=11000)
    later = now + timedelta(minutes=45)
    assert close_ended_checkouts(later) == 1
    assert sorted(Order.objects.values_list("state", flat=True)) == ["open", "paid"]


def test_rows_say_what_they_are_in_the_admin(stripe, paid, now):
    refund = refund_percent(paid.pk, 100, reason="cancelled", by=None, now=now)
    session = CheckoutSession.objects.get()
    assert str(paid) == f"order for {paid.subject}"
    assert str(OrderLine.objects.get()) == f"session {paid.subject}"
    assert (str(session), str(CheckoutSession(order=paid, attempt=2))) == (
        session.stripe_id,
        f"attempt 2 of {paid}",
    )
    assert str(refund) == f"refund of 12000 for {paid}"
    assert list(Order.objects.paid()) == [paid]
