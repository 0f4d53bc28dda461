"""An amount as people type it, in currencies that count in other ways."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core.forms import MoneyField
from core.money import Money


def field(currency):
    made = MoneyField(label="Price")
    made.settle_in(currency)
    return made


@pytest.mark.parametrize(
    ("currency", "typed", "minor", "step"),
    [
        ("usd", "120.05", 12_005, "0.01"),
        ("jpy", "120", 120, "1"),
        ("kwd", "120.05", 120_050, "0.01"),
        ("kwd", "0.1", 100, "0.01"),
        ("isk", "1200", 120_000, "1"),
        ("huf", "1200.5", 120_050, "0.01"),
    ],
)
def test_what_is_typed_is_money_in_whole_steps(currency, typed, minor, step):
    made = field(currency)
    assert made.clean(typed) == Money(minor, currency)
    assert (made.widget.attrs["step"], made.label) == (step, f"Price in {currency.upper()}")


@pytest.mark.parametrize(
    ("currency", "typed"),
    [("usd", "1.005"), ("jpy", "1.5"), ("kwd", "1.005"), ("isk", "1.5"), ("usd", "-1"), ("usd", "much")],
)
def test_what_is_finer_or_no_amount_is_refused(currency, typed):
    with pytest.raises(ValidationError):
        field(currency).clean(typed)


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [("usd", 12_050, "120.50"), ("kwd", 1_250, "1.25"), ("isk", 120_000, "1200"), ("jpy", 1_200, "1200")],
)
def test_what_there_was_is_shown_as_one_would_type_it(currency, minor, shown):
    assert field(currency).prepare_value(Money(minor, currency)) == shown


def test_a_field_nobody_may_change_keeps_its_amount():
    class Form(forms.Form):
        price = MoneyField(required=False, disabled=True)

    form = Form({"price": "5"}, initial={"price": Money(12_000, "usd")})
    form.fields["price"].settle_in("usd")
    assert form.is_valid()
    assert form.cleaned_data["price"] == Money(12_000, "usd")
    assert field("usd").clean(Decimal("1.50")) == Money(150, "usd")
    assert form.fields["price"].clean("") is None
