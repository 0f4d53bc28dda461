"""What somebody gives to connect a calendar, by the API and by the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from integrations.addresses import LONGEST_URL
from integrations.calendars.gateway import Account
from scheduling.domain.calendars import GIVEN_BY_ADDRESS

KINDS = [(kind.value, kind.label) for kind in sorted(GIVEN_BY_ADDRESS)]


class CalendarWish(StrictSerializer):
    kind = serializers.ChoiceField(choices=KINDS)
    url = serializers.CharField(max_length=LONGEST_URL)
    username = serializers.CharField(max_length=254, required=False, allow_blank=True, default="")
    password = serializers.CharField(
        max_length=1_000, required=False, allow_blank=True, default="", trim_whitespace=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == "caldav" and not attrs["username"]:
            raise serializers.ValidationError({"username": ["A calendar on a server needs a user name."]})
        if attrs["password"] and not attrs["username"]:
            raise serializers.ValidationError({"username": ["A password needs its user name."]})
        return attrs

    @property
    def account(self) -> Account:
        """How to get in, once it is valid."""
        values = self.validated_data
        return Account(values["kind"], values["url"].strip(), values["username"], values["password"])


class ConnectForm(forms.Form):
    """The same for a page. ``found`` are several calendars at the address that was given."""

    kind = forms.ChoiceField(
        label="What kind of calendar",
        choices=[
            ("ics", "A private address (ICS), read only"),
            ("caldav", "A calendar server (CalDAV), sessions can be written"),
        ],
        initial="ics",
        widget=forms.RadioSelect,
    )
    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Begins with https:// or webcal://. It is stored encrypted and never shown again.",
    )
    username = forms.CharField(
        label="User name",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="For a calendar server, or an address that asks for one.",
    )
    password = forms.CharField(
        max_length=1_000,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Use one made for this site alone where your provider offers app passwords.",
    )

    def __init__(self, data: Any = None, *, found: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(data)
        self.account: Account | None = None
        if found:
            self._offer(found)

    def clean(self) -> dict[str, Any]:
        """What the API would refuse is refused here, at the same fields."""
        given = super().clean() or {}
        if self.errors:
            return given
        wish = CalendarWish(data=given)
        if wish.is_valid():
            self.account = wish.account
        else:
            self.complain({name: [str(each) for each in errors] for name, errors in wish.errors.items()})
        return given

    def complain(self, fields: dict[str, list[str]]) -> None:
        """Show the verb's refusals beside their fields."""
        for name, complaints in fields.items():
            for complaint in complaints:
                self.add_error(name if name in self.fields else None, complaint)

    def _offer(self, found: Sequence[dict[str, str]]) -> None:
        """Let one of several calendars be chosen; what was typed goes with the choice, the password too."""
        self.data = {**self.data, "kind": "caldav", "url": found[0]["url"]}
        options = [(each["url"], each["name"] or each["url"]) for each in found]
        self.fields["url"] = forms.ChoiceField(
            label="Which calendar", choices=options, widget=forms.RadioSelect
        )
        self.fields["password"].widget = forms.PasswordInput(render_value=True)
