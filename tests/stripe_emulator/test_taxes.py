"""Automatic tax: it is in the price, and follows the customer."""

from __future__ import annotations

from fractions import Fraction

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from stripe_emulator.money import step
from stripe_emulator.resources import taxes

TAXED = {"automatic_tax": {"enabled": True}}


def session(shop, amount=12_000, currency="usd", behaviour="inclusive", **more):
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "A session"}}
    item = {"price_data": price | {"tax_behavior": behaviour}, "quantity": 1}
    return shop.session(line_items=[item], **TAXED, **more)


def paid(shop, made, **form):
    shop.pay(made, **form)
    return shop.stripe.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items"]})


def test_before_anybody_says_where_he_is_nothing_is_known(shop):
    made = session(shop)
    assert (made.automatic_tax.enabled, made.automatic_tax.status) == (True, "requires_location_inputs")
    assert (made.amount_total, made.total_details.amount_tax) == (12_000, 0)


@pytest.mark.parametrize(
    ("form", "tax"),
    [
        ({"country": "GB"}, 2_000),
        ({"country": "de"}, 1_916),
        ({"country": "US", "postal_code": "94103"}, 953),
        ({"country": "US", "postal_code": "97201"}, 0),
        ({"country": "BR"}, 0),
        ({}, 0),
    ],
    ids=["London", "Berlin", "San Francisco", "Portland", "not registered there", "did not say"],
)
def test_the_tax_is_in_the_price_and_follows_the_customer(shop, form, tax):
    done = paid(shop, session(shop), **form)
    assert (done.amount_total, done.total_details.amount_tax) == (12_000, tax)
    assert (done.automatic_tax.status, done.line_items.data[0].amount_tax) == ("complete", tax)
    assert done.customer_details.address.country == (form.get("country") or "US").upper()
    assert shop.totals() == (0, 12_000 - 378)


def test_what_a_code_takes_off_is_not_taxed(shop):
    coupon = shop.stripe.v1.coupons.create({"percent_off": 25, "duration": "once"})
    done = paid(shop, session(shop, discounts=[{"coupon": coupon.id}]), country="GB")
    assert (done.amount_total, done.total_details.amount_tax) == (9_000, 1_500)


def test_without_it_there_is_no_tax(shop):
    done = paid(shop, shop.session(), country="GB")
    assert (done.automatic_tax.enabled, done.total_details.amount_tax) == (False, 0)


def test_prices_have_to_say_that_tax_is_in_them(shop):
    with pytest.raises(stripe.InvalidRequestError, match="tax_behavior"):
        shop.session(**TAXED)
    with pytest.raises(stripe.APIError, match="on top of prices"):
        session(shop, behaviour="exclusive")


def test_the_page_asks_where_one_is(shop):
    made = session(shop)
    page = shop.ask("GET", f"/c/pay/{made.id}").body.decode()
    assert 'name="country"' in page
    assert 'name="country"' not in shop.ask("GET", f"/c/pay/{shop.session().id}").body.decode()


@given(
    steps=st.integers(0, 10**6),
    rate=st.sampled_from(sorted(taxes.RATES.values())),
    currency=st.sampled_from(["usd", "jpy", "kwd", "isk"]),
)
def test_net_and_tax_are_the_whole_and_the_tax_is_within_half_a_step(steps, rate, currency):
    amount = steps * step(currency)
    tax = taxes.included(amount, rate, currency)
    exact = amount - Fraction(amount * taxes.WHOLE, taxes.WHOLE + rate)
    assert tax % step(currency) == 0
    assert abs(tax - exact) <= Fraction(step(currency), 2)
