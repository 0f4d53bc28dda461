"""What a payee says of himself for his invoices, by the page and by the API."""

from __future__ import annotations

from typing import Any

from babel import Locale
from django import forms

from core.locales import SITE
from core.widgets import Combobox
from payouts.domain.tax_ids import is_plausible, tidied
from payouts.models import Payee, TaxProfile

_CODE_LENGTH = 2
# Babel's names of what is no country: outlying territories, the world's unions, and tests.
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def countries() -> list[tuple[str, str]]:
    """Code and name of every country, by name."""
    names = Locale.parse(SITE).territories.items()
    found = [(code, str(name)) for code, name in names if len(code) == _CODE_LENGTH and code.isalpha()]
    return sorted(
        ((code, name) for code, name in found if code not in _NO_COUNTRIES), key=lambda pair: pair[1]
    )


class TaxProfileForm(forms.ModelForm[TaxProfile]):
    """All of ``TaxProfile.FIELDS``, and once that the platform may write invoices in his name."""

    country = forms.ChoiceField(choices=[], widget=Combobox)
    agrees = forms.BooleanField(
        label="Let the platform write my invoices for what it pays me",
        error_messages={"required": "Without this we cannot write invoices in your name."},
    )

    class Meta:
        model = TaxProfile
        fields = TaxProfile.FIELDS
        labels = {
            "name": "Name or company",
            "street": "Street and number",
            "extra": "Further line of the address",
            "city": "Town",
            "region": "State or region",
            "tax_id": "Tax id",
        }
        help_texts = {
            "name": "As your tax office knows you.",
            "tax_id": "VAT number where you have one, else the number your tax office gave you.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "Choose"), *countries()]  # type: ignore[attr-defined]
        self.fields["agrees"].initial = self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        """One line each, and a tax id that the country could have given."""
        cleaned = super().clean() or {}
        for name in TaxProfile.FIELDS:
            cleaned[name] = " ".join(cleaned.get(name, "").split())
        cleaned["tax_id"] = tidied(cleaned["tax_id"])
        country, tax_id = cleaned["country"], cleaned["tax_id"]
        if country and tax_id and not is_plausible(country, tax_id):
            self.add_error("tax_id", "This does not look like a tax id of that country.")
        return cleaned

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TaxProfile.FIELDS}


def profile_form(payee: Payee, data: Any = None) -> TaxProfileForm:
    """The form of a payee's profile, with what he said before."""
    known = TaxProfile.objects.filter(payee=payee).first()
    return TaxProfileForm(data, instance=known)
