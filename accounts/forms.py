from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from core.instants import zone_names


class ZoneChoiceField(forms.CharField):
    """The IANA name of a zone; a text field that a list of suggestions completes."""

    def clean(self, value: Any) -> str:
        name: str = super().clean(value)
        if name and name not in zone_names():
            raise forms.ValidationError("There is no such time zone. Choose one from the list.", code="zone")
        return name


class ProfileForm(forms.ModelForm[User]):
    """What a person says of himself: how he is called and in which zone he reads times."""

    timezone = ZoneChoiceField(label="Time zone", help_text="Every time on the site is shown in this zone.")

    class Meta:
        model = User
        fields = ["name", "timezone"]
        labels = {"name": "Name"}
        help_texts = {"name": "Coaches and candidates you meet see it."}

    def clean_name(self) -> str:
        """One line: it stands in subjects and in calendars."""
        return " ".join(self.cleaned_data["name"].split())


class ZoneForm(forms.Form):
    """The zone alone, from the little form beside any list of times."""

    timezone = ZoneChoiceField()
