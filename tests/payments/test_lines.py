"""An order of several lines: each has its own part of what was paid, and nothing of another moves it."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidError
from core.money import split
from payments.domain.arithmetic import Standing, cut
from payments.domain.balances import balance_of, compensate
from payments.domain.orders import NewLine, settle
from payments.domain.rates import freeze_rate
from payments.domain.refunds import preview_refund, refund_percent, refund_up_to
from payments.models import Order, OrderLine, Refund
from payments.queries import amounts, amounts_of, line_amounts
from payments.queries.amounts import card_parts
from payouts.models import Share
from payouts.queries.invariants import check

pytestmark = pytest.mark.django_db
NUMBERS = count()


def lines_of(order):
    return list(OrderLine.objects.select_related("order").filter(order=order).order_by("pk"))


def in_cents(line):
    """paid, refunded, kept, goodwill, share, fee of a line as it is now."""
    found = line_amounts(OrderLine.objects.select_related("order").get(pk=line.pk))
    shown = (found.paid, found.refunded, found.kept, found.goodwill, found.coach_share, found.platform_fee)
    return tuple(money.minor for money in shown)


def back(line, percent, now):
    return refund_percent(line.pk, percent, reason="cancelled", by=None, now=now)


@pytest.fixture
def sell(make_order, payee):
    """An order of lines that cost so much, named so that no two are the same."""

    def make(*prices, rate_bp=2000, **more):
        number = next(NUMBERS)
        lines = [
            NewLine("session", f"booking:{number}-{place}", price, payee.pk, rate_bp)
            for place, price in enumerate(prices)
        ]
        return make_order(subject=f"series:{number}", lines=lines, **more)

    return make


@pytest.fixture
def three(stripe, sell, open_page):
    """Three sessions for $120 each, paid by card."""
    order = sell(12000, 12000, 12000)
    stripe.pay(open_page(order))
    stripe.work()
    return lines_of(order)


WHOLE = (12000, 0, 12000, 0, 9600, 2400)


def test_half_of_one_of_three_is_half_of_its_own_part(stripe, three, now):
    assert back(three[1], 50, now).amount == 6000
    assert [in_cents(line) for line in three] == [WHOLE, (12000, 6000, 6000, 0, 4800, 1200), WHOLE]
    assert sorted(Share.objects.values_list("amount", flat=True)) == [4800, 9600, 9600]
    order = Order.objects.get()
    assert (order.refunded, amounts(order).kept.minor) == (6000, 30000)
    assert amounts_of(three[1].source).refunded.minor == 6000
    stripe.work()
    assert ([one["amount"] for one in stripe.objects("refund")], check()) == ([6000], [])


def test_each_line_goes_back_by_itself_until_nothing_is_left(stripe, three, now):
    for line in three:
        assert back(line, 100, now).amount == 12000
        assert back(line, 100, now) is None
    stripe.work()
    assert [in_cents(line) for line in three] == [(12000, 12000, 0, 0, 0, 0)] * 3
    assert set(Share.objects.values_list("state", flat=True)) == {"void"}
    assert check() == []


def test_no_line_gives_back_more_than_its_own(stripe, three, ben, now):
    with pytest.raises(InvalidError):
        refund_up_to(three[0].pk, 12001, reason="too much", by=ben, now=now)
    assert refund_up_to(three[0].pk, 12000, reason="all of it", by=ben, now=now).line == three[0]
    assert in_cents(three[1]) == WHOLE


def test_the_rate_of_one_line_is_frozen_by_itself(stripe, three, now):
    freeze_rate(three[0].pk, 500, now=now)
    freeze_rate(three[0].pk, 1500, now=now)
    assert [in_cents(line)[4:] for line in three] == [(11400, 600), (9600, 2400), (9600, 2400)]
    assert check() == []


def test_card_money_of_the_whole_order_goes_back_before_its_balance(stripe, ben, sell, open_page, now):
    compensate(ben, 20000, currency="usd", source="for a test", now=now)
    order = sell(12000, 12000, 12000)
    assert (order.card, order.balance_wanted) == (16000, 20000)
    assert sorted(card_parts(order).values()) == [5333, 5333, 5334]
    stripe.pay(open_page(order))
    stripe.work()
    parts = [(done.card, done.balance) for done in (back(line, 100, now) for line in lines_of(order))]
    assert parts == [(12000, 0), (4000, 8000), (0, 12000)]
    stripe.work()
    assert (balance_of(ben, "usd").minor, check()) == (20000, [])


def test_a_discount_is_goodwill_line_by_line(ben, payee, now):
    """A quarter off two sessions: 9000 + 3000 = 9600 + 2400 each, as money.md works it out for one."""
    compensate(ben, 18000, currency="usd", source="for a test", now=now)
    order = Order.objects.create(
        buyer=ben, subject="series:code", currency="usd", price=24000, discount=6000, card=0,
        balance_wanted=18000, balance=18000, opened_at=now,
    )  # fmt: skip
    for place in range(2):
        order.lines.create(
            kind="session", source=f"booking:{place}", amount=12000, discount=3000, payee=payee, rate_bp=2000
        )
    settle(order, charge="", now=now)
    one, other = lines_of(order)
    assert (in_cents(one), in_cents(other)) == ((9000, 0, 9000, 3000, 9600, 2400),) * 2
    back(one, 50, now)
    assert in_cents(one) == (9000, 4500, 4500, 1500, 4800, 1200)
    assert in_cents(other) == (9000, 0, 9000, 3000, 9600, 2400)
    back(one, 100, now)
    assert (in_cents(one)[2:], Order.objects.get(pk=order.pk).goodwill) == ((0, 0, 0, 0), 3000)
    assert check() == []


PRICES = st.lists(st.integers(50, 40_000), min_size=1, max_size=4)
REFUNDS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(prices=PRICES, refunds=REFUNDS, rate_bp=st.integers(0, 10_000))
def test_any_sequence_of_refunds_ends_where_one_of_each_line_would(ben, sell, now, prices, refunds, rate_bp):
    compensate(ben, sum(prices), currency="usd", source=f"for test {next(NUMBERS)}", now=now)
    order = sell(*prices, rate_bp=rate_bp)
    lines = lines_of(order)
    most = [0] * len(lines)
    for number, percent in refunds:
        place = number % len(lines)
        line = OrderLine.objects.select_related("order").get(pk=lines[place].pk)
        foreseen = preview_refund(line, percent)
        done = back(line, percent, now)
        assert foreseen.refund == (done.amount if done else 0)
        most[place] = max(most[place], percent)
    for line, price, percent in zip(lines, prices, most, strict=True):
        refunded = (percent * price * 2 + 100) // 200
        standing = Standing(price, refunded=refunded)
        at_once = cut(standing.commissionable, rate_bp)
        assert in_cents(line) == (price, refunded, price - refunded, 0, at_once.share, at_once.fee)
    order = Order.objects.get(pk=order.pk)
    given_back = sum(Refund.objects.filter(order=order).values_list("amount", flat=True))
    assert order.refunded == given_back == sum(in_cents(line)[1] for line in lines)
    assert check() == []


@given(prices=PRICES, paid=st.integers(0, 100_000))
def test_what_was_paid_is_cut_to_the_last_cent_and_no_line_got_more_than_it_asked_for(prices, paid):
    """Also where less came than was asked for: a late payment whose balance was spent elsewhere."""
    paid = min(paid, sum(prices))
    parts = split(paid, prices)
    assert sum(parts) == paid
    assert all(0 <= part <= price for part, price in zip(parts, prices, strict=True))
