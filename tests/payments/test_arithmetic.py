from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import split
from payments.domain.arithmetic import (
    Cut,
    Standing,
    balance_to_use,
    cut,
    refund_parts,
    refund_target,
)

AMOUNTS = st.integers(min_value=1, max_value=10**9)
RATES = st.integers(min_value=0, max_value=10_000)
PERCENTS = st.integers(min_value=0, max_value=100)


def after(standing, percent):
    return Standing(
        standing.paid,
        standing.discount,
        refund_target(standing, percent),
        standing.lost,
        max(standing.refunded_percent, percent),
    )


def in_four(standing, rate_bp=2000):
    """Kept, goodwill, share, fee: the numbers of *Worked* in money.md."""
    found = cut(standing.commissionable, rate_bp)
    return standing.kept, standing.goodwill, found.share, found.fee


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(12000, refunded=6000), (6000, 0, 4800, 1200)),
        (Standing(9000, discount=3000), (9000, 3000, 9600, 2400)),
        (Standing(9000, discount=3000, refunded=4500), (4500, 1500, 4800, 1200)),
        (Standing(9000, discount=3000, refunded=9000), (0, 0, 0, 0)),
        (Standing(12000), (12000, 0, 9600, 2400)),
    ],
    ids=[
        "half of 120",
        "25 % code",
        "code, half refunded",
        "code, wholly refunded",
        "card and balance",
    ],
)
def test_the_worked_examples(standing, expected):
    assert in_four(standing) == expected


def test_a_third_of_a_hundred_refunded_three_times():
    standings = [Standing(12000, refunded=3333 * times) for times in (1, 2, 3)]
    assert [cut(standing.commissionable, 2000) for standing in standings] == [
        Cut(6934, 1733),
        Cut(4267, 1067),
        Cut(1601, 400),
    ]


def test_a_package_of_which_one_was_used_and_the_rest_refunded():
    first, *unused = split(30001, [1, 1, 1])
    used = cut(first, 2000)
    assert (first, used, sum(unused)) == (10001, Cut(8001, 2000), 20000)
    at_the_single_price = Standing(30001, refunded=30001 - 12000)
    repriced = cut(at_the_single_price.commissionable, 2000)
    assert at_the_single_price.refunded == 18001
    assert (repriced.share - used.share, repriced.fee - used.fee) == (1599, 400)


@given(paid=AMOUNTS, discount=st.integers(0, 10**6), rate=RATES, percents=st.lists(PERCENTS, max_size=6))
def test_after_any_sequence_of_partial_refunds_it_is_as_if_only_what_is_kept_had_been_paid(
    paid, discount, rate, percents
):
    standing = Standing(paid, discount)
    for percent in percents:
        standing = after(standing, percent)
    at_once = after(Standing(paid, discount), max(percents, default=0))
    assert in_four(standing, rate) == in_four(at_once, rate)
    only_that = Standing(standing.kept, standing.goodwill)
    assert cut(only_that.kept + standing.goodwill, rate) == cut(standing.commissionable, rate)


@given(paid=AMOUNTS, discount=st.integers(0, 10**6), rate=RATES, percents=st.lists(PERCENTS, max_size=6))
def test_parts_add_up_and_nothing_is_ever_negative(paid, discount, rate, percents):
    standing = Standing(paid, discount)
    for percent in percents:
        before, standing = standing, after(standing, percent)
        assert standing.refunded >= before.refunded
        kept, goodwill, share, fee = in_four(standing, rate)
        assert kept + goodwill == share + fee
        assert min(kept, goodwill, share, fee) >= 0
        assert goodwill <= discount


@given(paid=AMOUNTS, rate=RATES)
def test_without_a_payee_all_of_it_is_the_platforms(paid, rate):
    assert cut(paid, rate, has_payee=False) == Cut(0, paid)


def test_where_nothing_was_paid_the_percent_alone_gives_the_goodwill_back():
    assert in_four(Standing(0, discount=5000)) == (0, 5000, 4000, 1000)
    assert in_four(after(Standing(0, discount=5000), 50)) == (0, 2500, 2000, 500)
    assert in_four(after(Standing(0, discount=5000), 100)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("paid", "percent", "back"), [(3333, 50, 1667), (3333, 100, 3333), (1, 50, 1), (101, 50, 51), (0, 100, 0)]
)
def test_a_percentage_is_rounded_half_up(paid, percent, back):
    assert refund_target(Standing(paid), percent) == back


def test_refunds_and_lost_disputes_together_never_exceed_what_was_paid():
    assert refund_target(Standing(10000, lost=7000), 50) == 3000
    assert refund_target(Standing(10000, refunded=4000, lost=6000), 100) == 4000


@pytest.mark.parametrize(
    ("amount", "card_left", "expected"),
    [(6000, 11000, (6000, 0)), (11500, 11000, (11000, 500)), (500, 0, (0, 500))],
)
def test_card_money_goes_back_before_balance(amount, card_left, expected):
    assert refund_parts(amount, card_left) == expected


@pytest.mark.parametrize(
    ("to_pay", "available", "used"),
    [
        (12000, 1000, 1000),
        (12000, 12000, 12000),
        (12000, 20000, 12000),
        (12000, 11980, 11950),
        (50, 30, 0),
        (12000, 0, 0),
        (0, 500, 0),
    ],
    ids=["some", "all", "more than enough", "leaves the minimum", "too little", "none", "free"],
)
def test_so_much_less_balance_is_used_that_the_card_pays_nothing_or_the_minimum(to_pay, available, used):
    assert balance_to_use(to_pay, available, 50) == used


@given(to_pay=st.one_of(st.just(0), st.integers(50, 10**6)), available=st.integers(0, 10**6))
def test_the_card_never_pays_less_than_the_minimum(to_pay, available):
    used = balance_to_use(to_pay, available, 50)
    assert 0 <= used <= min(available, to_pay)
    assert to_pay - used == 0 or to_pay - used >= 50
