"""What operations send: by the API, and by the forms of their desk."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from django import forms
from django.core.validators import DecimalValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import MoneyField, StrictSerializer
from core.money import Money, exponent, half_up
from scheduling.models import Report
from scheduling.states import ReportKind, Side

LONG = 2_000
UPHELD, REJECTED = "upheld", "rejected"


class AmountField(MoneyField):
    """Money, or a number of minor units in the currency of what is given back."""

    default_error_messages = {"invalid": "Give a positive number of minor units, or money."}

    def to_internal_value(self, data: Any) -> Money:
        if isinstance(data, int) and not isinstance(data, bool):
            return Money(data, cast("str", self.context["currency"]))
        return super().to_internal_value(data)


extend_schema_field(
    {
        "oneOf": [
            {"type": "integer"},
            {
                "type": "object",
                "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
                "required": ["amount", "currency"],
            },
        ]
    }
)(AmountField)


class ReasonWish(StrictSerializer):
    """Everything operations do says why; the audit log keeps it."""

    reason = serializers.CharField(max_length=LONG)


class DecisionWish(ReasonWish):
    report = serializers.ChoiceField([UPHELD, REJECTED])


class RefundWish(ReasonWish):
    amount = AmountField()


class DecisionForm(forms.Form):
    """Which side is right, in the words of this very report, and why."""

    report = forms.ChoiceField(label="What is right?", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why?",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Both sides read it as it is.",
    )

    def __init__(self, data: Any = None, *, report: Report) -> None:
        super().__init__(data)
        choices = cast("forms.ChoiceField", self.fields["report"])
        choices.choices = [(UPHELD, upheld_in_words(report)), (REJECTED, rejected_in_words(report))]


class RefundForm(forms.Form):
    """Money back, in whole money as people write it."""

    amount = forms.DecimalField(min_value=0, max_digits=9)
    reason = forms.CharField(label="Why?", max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data)
        self.currency = currency
        places = exponent(currency)
        amount = cast("forms.DecimalField", self.fields["amount"])
        amount.label = f"Amount in {currency.upper()}"
        amount.decimal_places = places
        # The field made its own before it was told the currency's exponent.
        amount.validators.append(DecimalValidator(amount.max_digits, places))
        amount.widget.attrs["step"] = str(Decimal(1).scaleb(-places))

    def money(self) -> Money:
        given = Fraction(self.cleaned_data["amount"])
        return Money(half_up(given * 10 ** exponent(self.currency)), self.currency)


class ReasonForm(forms.Form):
    """Why a compensation that waits is granted or refused."""

    why = forms.CharField(label="Why?", max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}))


def upheld_in_words(report: Report) -> str:
    if report.missing_side == Side.CANDIDATE:
        return "The candidate did not come: nothing goes back, the coach is paid in full"
    return "The coach let the session down: everything goes back, with a balance on top"


def rejected_in_words(report: Report) -> str:
    if report.kind == ReportKind.DISPUTE:
        return "The session was what was promised: the coach is paid as if nothing had been said"
    return "Both were there: the session counts as if nothing had been reported"
