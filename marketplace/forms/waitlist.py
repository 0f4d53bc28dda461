"""Joining the waitlist of an offer: by days on the coach's page, by instants over the API."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from rest_framework import serializers

from core.api.serializers import InstantField, StrictSerializer, ZoneField
from core.errors import InvalidError
from core.instants import EARLIEST, LATEST
from marketplace.domain.waitlist import Range
from marketplace.models import Coach, Offer

DAY = timedelta(days=1)
LONGEST_SLUG = 60


class WaitForm(forms.Form):
    """The days that would do, in the zone of who waits; the last one belongs to them. Empty: any."""

    from_on = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="waitlist-%s")

    def clean(self) -> dict[str, Any]:
        days: dict[str, Any] = super().clean() or {}
        for name in ("from_on", "to_on"):
            on = days.get(name)
            if on and not EARLIEST.year < on.year < LATEST.year:
                self.add_error(name, "Give a day between the years 2001 and 2199.")
        first, last = days.get("from_on"), days.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", "This is before the first day.")
        return days

    def range_in(self, zone: ZoneInfo) -> Range:
        """The days as instants of that zone."""
        last = self.cleaned_data["to_on"]
        return Range(
            from_at=_midnight(self.cleaned_data["from_on"], zone),
            to_at=_midnight(last and last + DAY, zone),
        )


class WaitWish(StrictSerializer):
    """``offer`` is its id or its slug: the address names the coach."""

    offer = serializers.CharField(max_length=LONGEST_SLUG)
    to = InstantField(required=False, allow_null=True, default=None)
    timezone = ZoneField(required=False)

    def get_fields(self) -> dict[str, Any]:
        # "from" is a keyword of Python and cannot be a class attribute.
        first = InstantField(required=False, allow_null=True, default=None)
        return {**super().get_fields(), "from": first}

    def range(self) -> Range:
        return Range(from_at=self.validated_data["from"], to_at=self.validated_data["to"])


def offer_named(coach: Coach, name: str) -> Offer:
    """An offer of this coach by its id or its slug.

    Raises:
        InvalidError: he has none of that name.
    """
    offers = list(coach.offers.select_related("coach"))
    found = next((offer for offer in offers if str(offer.pk) == name), None)
    found = found or next((offer for offer in offers if offer.slug == name), None)
    if found is None:
        raise InvalidError(fields={"offer": ["There is no such offer."]})
    return found


def _midnight(on: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(on, time(), tzinfo=zone) if on else None
