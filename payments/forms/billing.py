"""Billing details as they are written down: by a person in a form, by a program in JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from payments.models import BillingDetails

MOST_LINES = 6


def tidy_address(text: str) -> str:
    """Each line without spaces around it, and no empty lines."""
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


def one_line(text: str) -> str:
    return " ".join(text.split())


class BillingDetailsForm(forms.Form):
    company = forms.CharField(
        label="Company or full name",
        required=False,
        max_length=120,
        help_text="Left empty, invoices are made out to the name of your account.",
    )
    address = forms.CharField(
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "street-address"}),
        help_text="As on an envelope, the country in the last line.",
    )
    tax_id = forms.CharField(
        label="Tax id", required=False, max_length=40, help_text="VAT, GST or EIN, if you have one."
    )

    def clean_company(self) -> str:
        return one_line(self.cleaned_data["company"])

    def clean_tax_id(self) -> str:
        return one_line(self.cleaned_data["tax_id"])

    def clean_address(self) -> str:
        address = tidy_address(self.cleaned_data["address"])
        if len(address.splitlines()) > MOST_LINES:
            raise forms.ValidationError(f"An address has at most {MOST_LINES} lines.", code="lines")
        return address


def details_as_initial(details: BillingDetails) -> dict[str, Any]:
    return {"company": details.company, "address": details.address, "tax_id": details.tax_id}


class BillingDetailsJson(StrictSerializer):
    """What is left out is emptied: PUT replaces all."""

    company = serializers.CharField(max_length=120, allow_blank=True, default="")
    address = serializers.CharField(max_length=400, allow_blank=True, default="")
    tax_id = serializers.CharField(max_length=40, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Held to the same as the form."""
        form = BillingDetailsForm(attrs)
        if not form.is_valid():
            raise serializers.ValidationError(
                {
                    name: [str(complaint) for complaint in complaints]
                    for name, complaints in form.errors.items()
                }
            )
        return form.cleaned_data
