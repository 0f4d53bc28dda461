"""For two days no webhook arrives: what is missing is asked for, by us or by Stripe's list of what failed."""

from __future__ import annotations

import pytest

from integrations.stripe.models import StripeEvent
from integrations.stripe.tasks import fetch_missed_events, handle_waiting_events
from payments.models import Order, Refund
from payouts.domain.payouts import sync_payouts
from payouts.models import Payout
from tests.recovery.errands import expect_peace

pytestmark = pytest.mark.django_db

PENDING_REFUND = "4000000000007726"


@pytest.fixture
def nobody_listens(stripe):
    """Our address answers nothing, however often Stripe tries."""
    listening = stripe.emulator.deliveries.sender

    def refused(*_):
        raise ConnectionError("nobody listens")

    stripe.emulator.deliveries.sender = refused

    def listen_again():
        stripe.emulator.deliveries.sender = listening

    return listen_again


@pytest.fixture
def two_days(trade, stripe, request):
    """What happens at Stripe in two days of which nobody is told: a payment, one that nobody makes, a refund
    that takes its time, a payout, an account that is restricted and comes back."""
    paid_out = trade.sell_and_release()
    refunded = trade.sell(8_000, PENDING_REFUND)
    trade.go_on(days=6)
    stripe.work()
    known = StripeEvent.objects.count()

    request.getfixturevalue("nobody_listens")
    paid, unpaid = trade.order(5_000), trade.order(6_000)
    stripe.pay(trade.page(paid))
    trade.page(unpaid)
    trade.refund(refunded, 100)
    trade.release()
    stripe.control("POST", f"accounts/{trade.payee.account}/capability", status="restricted")
    for _ in range(4):
        trade.go_on(hours=12)
    stripe.control("POST", f"accounts/{trade.payee.account}/capability", status="active")
    stripe.deliver()
    assert StripeEvent.objects.count() == known
    return paid, unpaid, refunded, paid_out


def states(trade, paid, unpaid, refunded, paid_out):
    return (
        Order.objects.get(pk=paid.pk).state,
        Order.objects.get(pk=unpaid.pk).checkouts.get().state,
        Refund.objects.get(line=refunded).state,
        Payout.objects.get().state,
        trade.share(paid_out).state,
    )


CAUGHT_UP = ("paid", "expired", "succeeded", "paid", "paid")


def test_after_two_days_without_webhooks_the_missed_events_are_fetched(trade, stripe, two_days):
    """Nothing is delivered again. Stripe lists the platform's own events: Ada's account is read by itself."""
    assert states(trade, *two_days) != CAUGHT_UP
    assert fetch_missed_events(trade.now) == 4
    assert handle_waiting_events(trade.now) == 4
    assert states(trade, *two_days)[:3] == CAUGHT_UP[:3]
    assert sync_payouts(trade.now) == 1
    assert states(trade, *two_days) == CAUGHT_UP
    assert fetch_missed_events(trade.now) == 0
    expect_peace()


def test_after_two_days_without_webhooks_stripe_delivers_again_and_all_is_as_if_told_in_time(
    trade, stripe, two_days, nobody_listens
):
    nobody_listens()
    trade.go_on(hours=12)
    stripe.deliver()
    handle_waiting_events(trade.now)
    assert states(trade, *two_days) == CAUGHT_UP
    expect_peace()


def test_while_no_webhook_comes_the_jobs_ask_by_themselves(trade, stripe, nobody_listens):
    """The site runs on and looks after what it waits for."""
    paid_out, paid = trade.sell_and_release(), trade.order(5_000)
    stripe.pay(trade.page(paid))
    refund = trade.refund(trade.sell(8_000, PENDING_REFUND), 100)
    for _ in range(20):
        trade.go_on(hours=12)
        stripe.work()
    refund.refresh_from_db()
    assert (Order.objects.get(pk=paid.pk).state, refund.state) == ("paid", "succeeded")
    assert trade.share(paid_out).state == "paid"
    expect_peace()
