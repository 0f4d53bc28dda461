"""The cast of payments: Ben buys a session of Ada's for $120; her share is a fifth less."""

from __future__ import annotations

import pytest

from accounts.models import User
from payments.domain.checkout import open_checkout
from payments.domain.orders import NewLine, open_order
from payments.models import Order
from payouts.domain.payees import payee_of
from payouts.states import TransfersStatus

SUBJECT = "booking:11111111-2222-3333-4444-555555555555"
URLS = {
    "success_url": "http://testserver/paid?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://testserver/",
}


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada@demo.test", name="Ada")


@pytest.fixture
def ben(db):
    return User.objects.create_user("ben@demo.test", name="Ben")


@pytest.fixture
def payee(ada, now):
    payee = payee_of(ada, now=now)
    payee.account, payee.transfers = "acct_ada", TransfersStatus.ACTIVE
    payee.save()
    return payee


@pytest.fixture
def make_order(ben, payee, now):
    """An order of Ben's, for one session of Ada's."""

    def make(amount=12000, *, subject=SUBJECT, rate_bp=2000, use_balance=True, buyer=ben, lines=None):
        lines = lines or [NewLine("session", subject, amount, payee.pk, rate_bp)]
        return open_order(buyer=buyer, subject=subject, lines=lines, use_balance=use_balance, now=now)

    return make


@pytest.fixture
def order(make_order):
    return make_order()


@pytest.fixture
def open_page(stripe, now):
    """The payment page of an order, as Ben sees it."""

    def page(order, *, at=now):
        return open_checkout(order.pk, title="Mock interview with Ada", now=at, **URLS)

    return page


@pytest.fixture
def paid(stripe, order, open_page):
    """The order after Ben paid by card and the webhook was handled."""
    stripe.pay(open_page(order))
    stripe.work()
    return Order.objects.get(pk=order.pk)
