from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import InvalidError
from payments.domain.balances import balance_of, compensate
from payments.domain.checkout import close_checkout
from payments.domain.orders import NewLine, close_order, open_order, settle
from payments.domain.rates import freeze_rate
from payments.events import OrderEvent
from payments.models import Order
from payments.rules import is_price
from payments.states import OrderState
from payouts.models import Share
from payouts.queries.invariants import check
from payouts.queries.ledger import balances_by_kind
from tests.payments.conftest import SUBJECT

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(monkeypatch):
    """What checkout and orders announce, in order."""
    events: list[OrderEvent] = []
    for module in ("orders", "checkout"):
        monkeypatch.setattr(f"payments.domain.{module}.announce", events.append)
    return events


@pytest.fixture
def give(ben, now):
    """Give Ben a balance."""

    def money(amount, source="a gift"):
        return compensate(ben, amount, currency="usd", source=source, now=now)

    return money


def balance(user):
    return balance_of(user, "usd").minor


def test_an_order_is_one_per_subject(make_order):
    assert make_order().pk == make_order().pk
    assert Order.objects.count() == 1


def test_nothing_to_pay_is_settled_at_once_and_books_nothing(make_order):
    order = make_order(0)
    assert (order.state, order.paid, bool(order.to_pay)) == (OrderState.PAID, 0, False)
    assert (balances_by_kind("usd"), check()) == ({}, [])
    assert Share.objects.get().state == "void"


@pytest.mark.parametrize("amount", [1, 49])
def test_a_price_that_no_card_can_pay_is_refused(make_order, amount):
    with pytest.raises(InvalidError):
        make_order(amount)


@pytest.mark.parametrize(
    ("amount", "currency", "fits"),
    [(0, "usd", True), (49, "usd", False), (50, "jpy", True), (1, "xyz", True)],
)
def test_what_a_price_may_be(amount, currency, fits):
    assert is_price(amount, currency) is fits


def test_balance_is_taken_with_the_order_and_comes_back_when_it_is_closed(make_order, give, ben, now):
    give(1000)
    order = make_order()
    assert (order.balance, order.card, balance(ben)) == (1000, 11000, 0)
    for _ in range(2):
        close_order(order.pk, now=now)
        assert (balance(ben), check()) == (1000, [])


def test_balance_is_left_alone_when_it_is_not_wanted(make_order, give, ben):
    give(1000)
    assert (make_order(use_balance=False).card, balance(ben)) == (12000, 1000)


def test_a_gift_is_given_once_per_source_and_never_negative(give, ben):
    assert (give(1000), give(1000), balance(ben)) == (True, False, 1000)
    with pytest.raises(InvalidError):
        give(-1, "a theft")


def test_a_paid_order_cannot_be_closed(paid, now):
    assert close_order(paid.pk, now=now).state == OrderState.PAID


def test_ten_dollars_of_balance_are_shared_like_card_money(stripe, make_order, open_page, give):
    give(1000)
    stripe.pay(open_page(make_order()))
    stripe.work()
    assert balances_by_kind("usd") | {"stripe_fees": 0, "stripe_platform": 0} == {
        "goodwill": 1000,
        "payee_held": -9600,
        "platform_revenue": -2400,
        "customer_balance": 0,
        "stripe_fees": 0,
        "stripe_platform": 0,
    }
    share = Share.objects.get()
    assert (share.amount, share.sourced_limit) == (9600, 11000)


def test_what_the_card_paid_limits_what_is_transferred_out_of_its_charge(stripe, make_order, open_page, give):
    give(11_000)
    stripe.pay(open_page(make_order()))
    stripe.work()
    share = Share.objects.get()
    assert (share.amount, share.sourced_limit) == (9600, 1000)


def test_a_late_payment_takes_its_balance_again(stripe, make_order, open_page, give, ben, now):
    give(1000)
    order = make_order()
    stripe.pay(open_page(order))
    close_order(order.pk, now=now)
    assert close_checkout(order.pk, now=now) == "paid"
    order.refresh_from_db()
    assert (order.paid, order.is_short, balance(ben), check()) == (12000, False, 0, [])


def test_a_late_payment_whose_balance_was_spent_is_short(stripe, make_order, open_page, give, now):
    give(1000)
    order = make_order()
    stripe.pay(open_page(order))
    close_order(order.pk, now=now)
    make_order(subject="booking:another")
    stripe.work()
    order.refresh_from_db()
    assert (order.paid, order.is_short, check()) == (11000, True, [])


@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_never_take_the_same_balance(give, ben, payee, now):
    give(1000)
    together = threading.Barrier(2)

    def order(subject):
        line = NewLine("session", subject, 12000, payee.pk, 2000)
        together.wait()
        open_order(buyer=ben, subject=subject, lines=[line], use_balance=True, now=now)
        connection.close()

    buyers = [threading.Thread(target=order, args=[f"booking:{number}"]) for number in range(2)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert sorted(Order.objects.values_list("balance", flat=True)) == [0, 1000]
    assert (balance(ben), check()) == (0, [])


def test_a_line_of_the_platforms_own_has_no_share(make_order, give):
    give(12_000)
    order = make_order(lines=[NewLine("fee", "a tour", 12_000, None, 0)])
    line = order.lines.get()
    assert (line.share, line.fee, Share.objects.count(), check()) == (0, 12000, 0, [])


def test_a_code_for_the_whole_price_leaves_the_coach_her_share(ben, payee, now):
    free = Order.objects.create(
        buyer=ben, subject=SUBJECT, currency="usd", price=12000, discount=12000, card=0, opened_at=now
    )
    free.lines.create(kind="session", source=SUBJECT, amount=12000, discount=12000, payee=payee, rate_bp=2000)
    with transaction.atomic():
        settle(free, charge="", now=now)
    assert (Share.objects.get().amount, free.lines.get().fee, check()) == (9600, 2400, [])
    assert balances_by_kind("usd") == {"goodwill": 12000, "payee_held": -9600, "platform_revenue": -2400}


def test_the_rate_of_an_open_order_is_only_learned(order, now):
    assert freeze_rate(order.lines.get().pk, 500, now=now).rate_bp == 500
    assert balances_by_kind("usd") == {}


@pytest.mark.parametrize(
    "broken",
    [
        {"refunded": 12001},
        {"lost": 12001},
        {"goodwill": 1},
        {"card": 11999},
        {"balance": 5},
        {"state": "closed"},
        {"state": "sold"},
    ],
)
def test_the_database_refuses_an_order_that_cannot_be(order, broken):
    with transaction.atomic(), pytest.raises(IntegrityError):
        Order.objects.update(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"paid": 12001},
        {"refunded": 12001},
        {"lost": 12001},
        {"goodwill": 1},
        {"refunded_percent": 101},
        {"refunded_percent": -1},
        {"rate_bp": 10_001},
        {"discount": -1},
    ],
)
def test_the_database_refuses_a_line_that_cannot_be(order, broken):
    with transaction.atomic(), pytest.raises(IntegrityError):
        order.lines.update(**broken)


def test_the_check_finds_an_order_that_does_not_add_up(paid):
    paid.lines.update(share=1)
    assert [difference.invariant for difference in check()] == [3, 3, 3]


def test_the_seller_hears_of_a_payment_once(stripe, order, open_page, announced):
    stripe.pay(open_page(order))
    stripe.work()
    stripe.work()
    paid, closed = announced
    assert (paid.subject, paid.about, paid.late) == (order.subject, order.subject, False)
    assert (closed.order_id, closed.paid) == (order.pk, True)


def test_the_seller_hears_that_a_payment_was_late(stripe, order, open_page, announced, now):
    stripe.pay(open_page(order))
    close_order(order.pk, now=now)
    stripe.work()
    assert announced[0].late is True


def test_the_seller_hears_that_a_page_ran_out(stripe, order, open_page, announced, now):
    open_page(order)
    stripe.work(now + timedelta(minutes=41))
    assert [(event.order_id, event.paid) for event in announced] == [(order.pk, False)]
