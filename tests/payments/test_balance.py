"""Where a balance came from and went to, as its owner reads it."""

from datetime import timedelta

import pytest
from django.db import transaction

from payments.domain.refunds import refund_percent
from payments.domain.surplus import give_back_surplus
from payments.models import OrderLine
from payments.queries.balance import movements, postings_of
from payments.queries.wares import Ware

pytestmark = pytest.mark.django_db
FAILS_LATER = "4000000000005126"


def told(person):
    return [(row.why, row.amount.minor, row.ware) for row in movements(postings_of(person, "usd"), "usd")]


def test_a_second_payment_came_and_went(stripe, paid, ben, now):
    with transaction.atomic():
        give_back_surplus(paid.checkouts.get(), now=now)
    assert told(ben) == [("refund", -12000, Ware("Booking")), ("surplus", 12000, Ware("Booking"))]


def test_what_a_bank_did_not_take_came_here(stripe, make_order, open_page, ben, now):
    order = make_order()
    stripe.pay(open_page(order), FAILS_LATER)
    stripe.work()
    refund_percent(OrderLine.objects.get(order=order).pk, 100, reason="cancelled", by=None, now=now)
    stripe.work()
    assert told(ben) == []
    stripe.work(now + timedelta(days=10))
    assert told(ben) == [("refund_failed", 12000, Ware("Booking"))]


def test_another_currency_is_another_balance(stripe, paid, ben, now):
    with transaction.atomic():
        give_back_surplus(paid.checkouts.get(), now=now)
    assert movements(postings_of(ben, "eur"), "eur") == []
