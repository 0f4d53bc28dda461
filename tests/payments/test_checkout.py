from __future__ import annotations

import pytest

from payments.models import Order
from payments.states import CheckoutState, OrderState
from payouts.models import Share
from payouts.queries.ledger import balances_by_kind

pytestmark = pytest.mark.django_db


def test_a_paid_session_settles_the_order_once(stripe, order, open_page):
    session = open_page(order)
    assert (session.state, session.url.startswith("http")) == (CheckoutState.OPEN, True)
    stripe.pay(session)
    stripe.work()
    order.refresh_from_db()
    session.refresh_from_db()
    assert (order.state, session.state) == (OrderState.PAID, CheckoutState.PAID)
    assert balances_by_kind("usd") == {
        "payee_held": -9600,
        "platform_revenue": -2400,
        "stripe_fees": session.fee,
        "stripe_platform": 12000 - session.fee,
    }
    share = Share.objects.get()
    assert (share.amount, share.source_transaction, share.sourced_limit) == (9600, session.charge, 9600)
    assert stripe.available_and_pending == 12000 - session.fee


def test_refund_in_full(stripe, paid):
    from payments.domain.refunds import refund_percent
    refund = refund_percent(paid.pk, 100, reason="cancelled", by=None, now=paid.paid_at)
    stripe.work()
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert Order.objects.get().refunded == 12000
