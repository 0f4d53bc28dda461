"""What operations send about money: amounts with their reasons, and reasons alone."""

from __future__ import annotations

from typing import Any

from django import forms

from marketplace.queries.evidence import Evidence
from operations.forms.decisions import LONG, AmountField, ReasonWish, RefundForm
from payments.models import Order


class AdjustmentWish(ReasonWish):
    amount = AmountField()


class WhyForm(forms.Form):
    """Why something is done; the audit log keeps it. ``name`` keeps the forms of one page apart."""

    why = forms.CharField(label="Why?", max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, name: str = "why") -> None:
        super().__init__(data, auto_id=f"{name}-%s")


class AdjustmentForm(RefundForm):
    """A balance on top, in whole money as people write it."""

    def __init__(self, data: Any = None, *, order: Order) -> None:
        super().__init__(data, currency=order.currency)
        self.auto_id = "adjust-%s"


class LineRefundForm(RefundForm):
    """Money back for one line of an order."""

    def __init__(self, data: Any = None, *, order: Order, line: int) -> None:
        super().__init__(data, currency=order.currency)
        self.auto_id = f"refund-{line}-%s"


class EvidenceForm(forms.Form):
    """Our side of a dispute, as the bank reads it."""

    text = forms.CharField(
        label="What happened?",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The bank reads it as it is, once: it cannot be added to later.",
    )
    product_description = forms.CharField(label="What was sold?", max_length=2_000, required=False)
    service_date = forms.CharField(label="When was it?", max_length=100, required=False)
    why = forms.CharField(
        label="Why do we contest?",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the audit log; the bank does not see it.",
    )

    def __init__(self, data: Any = None, *, name: str = "evidence", draft: Evidence) -> None:
        super().__init__(data, auto_id=f"{name}-%s", initial={"text": draft.text, **draft.facts})
        self.draft = draft

    def facts(self) -> dict[str, str]:
        """What is said beside the text, by Stripe's own names: as it is written here, else as drafted."""
        names = ("product_description", "service_date")
        facts = {**self.draft.facts, **{name: self.cleaned_data[name] for name in names}}
        return {name: fact for name, fact in facts.items() if fact}
