"""Whatever happens to a line, in any currency and with any tax: all of it stays whole steps and adds up.

The reference beside it counts in steps and fractions and knows nothing of the code it is compared with.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidError
from core.money import Money, exponent, half_up, smallest_step, split, written_places
from payments import rules
from payments.domain.arithmetic import (
    Standing,
    balance_to_use,
    cut,
    refund_target,
)
from payments.domain.balances import balance_of, compensate
from payments.domain.orders import NewLine, open_order
from payments.domain.refunds import refund_up_to
from payouts.queries.invariants import check
from stripe_emulator import money as at_stripe

CURRENCIES = [
    "usd",
    "eur",
    "chf",
    "jpy",
    "krw",
    "kwd",
    "bhd",
    "jod",
    "omr",
    "tnd",
    "isk",
    "ugx",
    "huf",
    "twd",
]
RATES = st.integers(0, 10_000)
PERCENTS = st.lists(st.integers(0, 100), max_size=6)


@st.composite
def standings(draw):
    """A line that was paid, in some currency: whole steps, a discount and tax of at most what was paid."""
    step = smallest_step(draw(st.sampled_from(CURRENCIES)))
    paid = draw(st.integers(0, 10**6))
    discount, tax = draw(st.integers(0, 10**5)), draw(st.integers(0, paid * step))
    return Standing(paid * step, discount * step, tax=tax, step=step)


def after(standing, percent):
    return replace(
        standing,
        refunded=refund_target(standing, percent),
        refunded_percent=max(standing.refunded_percent, percent),
    )


def in_five(standing, rate_bp):
    """Kept, goodwill, tax, share, fee."""
    found = cut(standing.commissionable, rate_bp, step=standing.step)
    return standing.kept, standing.goodwill, standing.tax_kept, found.share, found.fee


def round_half_up(value):
    return (value + Fraction(1, 2)).__floor__()


def reference(standing, rate_bp, kept_part):
    """The same from the fraction of P that is kept, counted in steps."""
    steps = Fraction(1, standing.step)
    kept = standing.paid * kept_part
    tax = round_half_up(standing.tax * kept_part * steps) * standing.step
    net_part = 1 - Fraction(standing.tax, standing.paid)
    goodwill = round_half_up(standing.discount * net_part * kept_part * steps) * standing.step
    commissionable = kept - tax + goodwill
    fee = round_half_up(commissionable * Fraction(rate_bp, 10_000) * steps) * standing.step
    return kept, goodwill, tax, commissionable - fee, fee


@given(standing=standings(), rate=RATES, percents=PERCENTS)
def test_it_stays_whole_adds_up_and_nothing_is_negative(standing, rate, percents):
    for percent in percents:
        before, standing = standing, after(standing, percent)
        assert standing.refunded >= before.refunded
        assert standing.tax_kept <= before.tax_kept
        kept, goodwill, tax, share, fee = in_five(standing, rate)
        assert kept + goodwill == tax + share + fee
        assert min(kept, goodwill, tax, share, fee) >= 0
        assert goodwill <= standing.discount
        assert [part % standing.step for part in (kept, goodwill, tax, share, fee)] == [0] * 5


@given(standing=standings(), rate=RATES, percents=PERCENTS)
def test_any_sequence_of_refunds_ends_where_the_reference_says(standing, rate, percents):
    ended = standing
    for percent in percents:
        ended = after(ended, percent)
    if not standing.paid:
        assert in_five(ended, rate)[2] == 0
        return
    at_once = after(standing, max(percents, default=0))
    assert in_five(ended, rate) == in_five(at_once, rate)
    assert in_five(ended, rate) == reference(standing, rate, Fraction(ended.kept, standing.paid))


def test_the_order_of_refunds_changes_nothing():
    standing = Standing(12_330, discount=1_230, tax=2_050, step=10)
    ends = set()
    for percents in permutations((17, 50, 33, 90)):
        ended, tax_back = standing, 0
        for percent in percents:
            before, ended = ended, after(ended, percent)
            tax_back += before.tax_kept - ended.tax_kept
        ends.add((*in_five(ended, 2000), tax_back))
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(12_000, tax=2_000), (12_000, 0, 2_000, 8_000, 2_000)),
        (Standing(12_000, tax=2_000, refunded=6_000), (6_000, 0, 1_000, 4_000, 1_000)),
        (Standing(12_000, tax=2_000, refunded=12_000), (0, 0, 0, 0, 0)),
        (Standing(12_000, tax=2_000, lost=12_000), (0, 0, 0, 0, 0)),
        (Standing(9_000, discount=3_000, tax=1_500), (9_000, 2_500, 1_500, 8_000, 2_000)),
        (Standing(12_330, step=10, refunded=6_170), (6_160, 0, 0, 4_930, 1_230)),
        (Standing(12_330, tax=1_968, step=10), (12_330, 0, 1_970, 8_290, 2_070)),
    ],
    ids=[
        "a sixth is tax",
        "half refunded",
        "wholly refunded",
        "wholly lost",
        "a code lowers the tax, not the share",
        "three decimals",
        "tax finer than a step",
    ],
)
def test_worked_with_tax_and_steps(standing, expected):
    assert in_five(standing, 2_000) == expected


@given(
    amount=st.integers(0, 10**6),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any),
    step=st.sampled_from([1, 10, 100]),
)
def test_a_split_is_in_whole_steps_and_adds_up(amount, weights, step):
    parts = split(amount * step, weights, step)
    assert sum(parts) == amount * step
    assert [part % step for part in parts] == [0] * len(parts)
    assert parts == [part * step for part in split(amount, weights)]


def test_what_is_no_number_of_steps_cannot_be_split():
    with pytest.raises(ValueError, match="no multiple of 10"):
        split(12_345, [1, 1], 10)


@given(value=st.fractions(-(10**6), 10**6), step=st.sampled_from([1, 10, 100]))
def test_a_step_is_never_more_than_half_away(value, step):
    found = half_up(value, step)
    assert found % step == 0
    assert abs(found - value) <= Fraction(step, 2)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_site_and_stripe_say_the_same_of_a_currency(currency):
    assert smallest_step(currency) == at_stripe.step(currency)
    assert exponent(currency) == at_stripe.places(currency)
    assert rules.least_charge(currency) == at_stripe.least_charge(currency)
    assert rules.is_price(rules.least_charge(currency), currency)
    assert 10 ** (exponent(currency) - written_places(currency)) == smallest_step(currency)


@given(
    currency=st.sampled_from(CURRENCIES),
    to_pay=st.integers(0, 10**6),
    available=st.integers(0, 10**6),
)
def test_balance_and_card_are_whole_steps(currency, to_pay, available):
    step, least = smallest_step(currency), rules.least_charge(currency)
    asked = to_pay * step if to_pay * step >= least else 0
    used = balance_to_use(asked, available * step, least)
    assert used % step == 0
    assert asked - used == 0 or asked - used >= least


@pytest.mark.django_db
def test_nobody_is_given_a_part_of_a_step(ben, now):
    with pytest.raises(InvalidError, match="multiple of 10"):
        compensate(ben, 1_235, currency="kwd", source="for a test", now=now)
    assert compensate(ben, 1_230, currency="kwd", source="for a test", now=now)
    assert balance_of(ben, "kwd") == Money(1_230, "kwd")


@pytest.mark.django_db
def test_a_line_and_a_refund_are_whole_steps(ben, payee, now, settings):
    settings.CURRENCY = "kwd"
    terms = {"buyer": ben, "use_balance": True, "now": now}
    halves = [NewLine("session", f"booking:{place}", 12_345, payee.pk, 2_000) for place in range(2)]
    with pytest.raises(InvalidError, match="whole steps"):
        open_order(subject="series:odd", lines=halves, **terms)
    compensate(ben, 12_340, currency="kwd", source="for a test", now=now)
    order = open_order(
        subject="booking:1", lines=[NewLine("session", "booking:1", 12_340, payee.pk, 2_000)], **terms
    )
    line = order.lines.get()
    with pytest.raises(InvalidError, match="multiple of 10"):
        refund_up_to(line.pk, 6_165, reason="too fine", by=ben, now=now)
    assert refund_up_to(line.pk, 6_170, reason="whole", by=ben, now=now).balance == 6_170
    assert check() == []


@pytest.mark.parametrize(
    ("currency", "worth"), [("usd", 12_000), ("jpy", 12_000), ("kwd", 38_400), ("isk", 1_680_000)]
)
def test_made_up_prices_are_prices_everywhere(currency, worth):
    assert rules.worth(12_000, currency) == worth
    assert all(rules.is_price(rules.worth(cents, currency), currency) for cents in (0, 50, 75, 9_750))
