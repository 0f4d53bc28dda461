"""Fields that forms of several apps share."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.validators import DecimalValidator

from core.money import Money, exponent, half_up, written_places


class MoneyField(forms.DecimalField):
    """An amount in whole money, as people write it, no finer than the currency moves; cleaned it is Money.

    The currency is told when the form is made: ``form.fields["price"].settle_in("usd")``.
    """

    currency: str

    def __init__(self, *, max_digits: int = 9, **more: Any) -> None:
        super().__init__(max_digits=max_digits, min_value=0, **more)

    def settle_in(self, currency: str) -> None:
        self.currency = currency
        self.label = f"{self.label} in {currency.upper()}"
        self.decimal_places = written_places(currency)
        # The field made its own before it was told the currency's.
        self.validators.append(DecimalValidator(self.max_digits, self.decimal_places))
        self.widget.attrs["step"] = str(Decimal(1).scaleb(-self.decimal_places))

    def clean(self, value: Any) -> Money | None:
        # A field that nobody may change is cleaned of its initial value.
        amount = super().clean(self.prepare_value(value))
        if amount is None:
            return None
        return Money(half_up(Fraction(amount) * 10 ** exponent(self.currency)), self.currency)

    def prepare_value(self, value: Any) -> Any:
        """Money as people write it: the initial value of a form that changes something."""
        if not isinstance(value, Money):
            return value
        shown = Decimal(value.minor).scaleb(-exponent(value.currency))
        return f"{shown:.{written_places(value.currency)}f}"
