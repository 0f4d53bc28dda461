from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CurrencyMismatchError, Money, exponent, half_up, part_of, split

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(29, 2), 15),  # 500 at 2.9 % is 14.5
        (Fraction(149, 10), 15),
        (Fraction(1449, 100), 14),
        (Fraction(0), 0),
        (7, 7),
    ],
)
def test_a_half_goes_away_from_zero(value, whole):
    assert half_up(value) == whole


@given(amounts, st.integers(1, 10**6))
def test_rounding_is_never_more_than_a_half_away(numerator, denominator):
    value = Fraction(numerator, denominator)
    assert abs(half_up(value) - value) <= Fraction(1, 2)


@given(amounts, weights)
def test_parts_add_up_and_stay_within_one_unit_of_their_due(amount, parts_weights):
    parts = split(amount, parts_weights)
    total = sum(parts_weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, parts_weights, strict=True):
        assert abs(part - Fraction(amount * weight, total)) < 1


def test_equal_remainders_favour_the_earlier_part():
    assert split(30001, [1, 1, 1]) == [10001, 10000, 10000]
    assert split(2, [1, 1, 1]) == [1, 1, 0]


def test_nothing_is_cut_into_nothings():
    assert split(0, [0, 0]) == [0, 0]


@pytest.mark.parametrize("bad", [[], [0, 0], [1, -1]])
def test_a_split_needs_weights(bad):
    with pytest.raises(ValueError, match=r"weights|empty"):
        split(100, bad)


def test_a_share_and_its_rest_are_the_whole():
    assert Money(3333, "usd").share(2_000) == (Money(667, "usd"), Money(2666, "usd"))
    assert part_of(500, 290) == 15


def test_currencies_never_mix():
    with pytest.raises(CurrencyMismatchError):
        Money(1, "usd") + Money(1, "eur")
    with pytest.raises(CurrencyMismatchError):
        assert Money(1, "usd") < Money(2, "eur")


@pytest.mark.parametrize(("currency", "places"), [("usd", 2), ("jpy", 0), ("kwd", 3), ("isk", 2)])
def test_each_currency_has_its_exponent(currency, places):
    assert exponent(currency) == places
