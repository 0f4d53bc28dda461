"""What a coach sells, as a form: the price in whole money, as people write it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings

from core.forms import MoneyField
from marketplace.models import Offer
from marketplace.rules.vocabulary import OfferKind

LENGTHS = [15, 30, 45, 60, 75, 90, 120]


class OfferForm(forms.Form):
    """Makes or changes an offer; ``values()`` is what the verbs take."""

    name = forms.CharField(max_length=80, help_text="Mock interview, Focused drill, …")
    kind = forms.ChoiceField(choices=OfferKind.choices, initial=OfferKind.SESSION)
    duration_minutes = forms.TypedChoiceField(
        label="Length",
        choices=[(minutes, f"{minutes} minutes") for minutes in LENGTHS],
        coerce=int,
        initial=60,
    )
    price = MoneyField(label="Price", help_text="0 for free.")
    needs_approval = forms.BooleanField(
        required=False, label="I want to accept each booking first", help_text="You have 48 hours to answer."
    )
    active = forms.BooleanField(required=False, initial=True, label="On sale")

    def __init__(self, data: Any = None, *, offer: Offer | None = None, is_mentor: bool = False) -> None:
        super().__init__(data, initial=_initial(offer))
        price = cast("MoneyField", self.fields["price"])
        price.settle_in(settings.CURRENCY)
        if is_mentor:
            price.disabled = True
            price.initial = 0
            price.help_text = "A mentor's sessions are free."

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def complain(self, fields: dict[str, list[str]]) -> None:
        """Show the verb's refusals beside their fields."""
        for name, complaints in fields.items():
            for complaint in complaints:
                self.add_error(name if name in self.fields else None, complaint)


def _initial(offer: Offer | None) -> dict[str, Any]:
    if offer is None:
        return {}
    names = ("name", "kind", "duration_minutes", "needs_approval", "active")
    return {**{name: getattr(offer, name) for name in names}, "price": offer.cost}
