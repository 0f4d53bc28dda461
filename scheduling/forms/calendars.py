"""What somebody gives to connect a calendar, by the API and by the page."""

from __future__ import annotations

from typing import Any

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
