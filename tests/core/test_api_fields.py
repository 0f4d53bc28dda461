import pytest
from rest_framework import serializers

from core.api.serializers import InstantField, MoneyField, StrictSerializer, ZoneField
from core.money import Money


class Everything(StrictSerializer):
    at = InstantField(required=False)
    zone = ZoneField(required=False)
    price = MoneyField(required=False)


def errors_of(data):
    form = Everything(data=data)
    with pytest.raises(serializers.ValidationError):
        form.is_valid(raise_exception=True)
    return set(form.errors)


def test_what_is_well_formed_comes_through():
    form = Everything(
        data={
            "at": "2026-11-24T19:30:00+01:00",
            "zone": "Europe/Berlin",
            "price": {"amount": 12000, "currency": "USD"},
        }
    )
    form.is_valid(raise_exception=True)
    assert form.validated_data["price"] == Money(12000, "usd")
    assert Everything(form.validated_data).data["at"] == "2026-11-24T18:30:00Z"


@pytest.mark.parametrize(
    "data",
    [
        {"at": "soon"},
        {"at": 12},
        {"at": "2026-11-24T19:30:00"},
        {"zone": "Mars/Olympus"},
        {"zone": "a\x00b"},
        {"price": 12000},
        {"price": {"amount": True, "currency": "usd"}},
        {"price": {"amount": 1.5, "currency": "usd"}},
        {"price": {"amount": 1}},
        {"colour": "red"},
    ],
)
def test_what_is_not_is_named(data):
    assert errors_of(data) == set(data)
