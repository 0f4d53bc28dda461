"""What operations send: by the API, and by the forms of their desk."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import MoneyField, StrictSerializer
from core.forms import MoneyField as MoneyInput
from core.money import Money
from core.templatetags.formats import money
from payments.queries import Amounts
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

    def __init__(self, data: Any = None, *, report: Report, amounts: Amounts) -> None:
        super().__init__(data, auto_id="decision-%s")
        choices = cast("forms.ChoiceField", self.fields["report"])
        choices.choices = [
            (UPHELD, upheld_in_words(report, amounts)),
            (REJECTED, rejected_in_words(report, amounts)),
        ]


class RefundForm(forms.Form):
    """Money back, in whole money as people write it."""

    amount = MoneyInput(label="Amount")
    reason = forms.CharField(label="Why?", max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data, auto_id="refund-%s")
        cast("MoneyInput", self.fields["amount"]).settle_in(currency)

    def sum(self) -> Money:
        return cast("Money", self.cleaned_data["amount"])


def upheld_in_words(report: Report, amounts: Amounts) -> str:
    """What follows when the reporter is right, to the cent."""
    if report.missing_side == Side.CANDIDATE:
        return f"The candidate did not come{_if_paid(amounts, ': nothing goes back, the coach gets {share}')}"
    is_disputed = report.kind == ReportKind.DISPUTE
    what = "The coach let the session down" if is_disputed else "The coach did not come"
    return f"{what}{_if_paid(amounts, ': {kept} goes back, the coach gets nothing')}"


def rejected_in_words(report: Report, amounts: Amounts) -> str:
    """What follows when he is not."""
    is_disputed = report.kind == ReportKind.DISPUTE
    what = "The session was what was promised" if is_disputed else "Both were there"
    return f"{what}{_if_paid(amounts, ': the coach gets {share}, as if nothing had been said')}"


def _if_paid(amounts: Amounts, words: str) -> str:
    if not amounts.paid:
        return ""
    return words.format(kept=money(amounts.kept), share=money(amounts.coach_share))
