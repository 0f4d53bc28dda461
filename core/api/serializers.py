"""Fields and bases that every API shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.instants import instant_json, parse_instant, parse_zone
from core.money import Money


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a typing error must not be a silent default."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["Unknown field."] for name in unknown})
        return value


class NoFields(StrictSerializer):
    """The body of a verb that is told nothing: empty, or refused."""


class InstantField(serializers.Field[datetime, Any, str, Any]):
    """ISO 8601; in with any offset, out in UTC with ``Z``."""

    default_error_messages = {"invalid": "Give an instant as ISO 8601 with an offset: 2026-11-24T18:30:00Z."}

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return parse_instant(data)
        except (TypeError, ValueError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return instant_json(value)


extend_schema_field({"type": "string", "format": "date-time"})(InstantField)


class ZoneField(serializers.CharField):
    """The name of an IANA time zone."""

    default_error_messages = {"zone": "There is no such time zone. Use an IANA name such as Europe/London."}

    def to_internal_value(self, data: Any) -> str:
        name: str = super().to_internal_value(data)
        try:
            parse_zone(name)
        except ValueError:
            self.fail("zone")
        return name


class MoneyField(serializers.Field[Money, Any, dict[str, Any], Any]):
    """``{"amount": minor units, "currency": code}``, in and out."""

    default_error_messages = {"invalid": 'Give money as {{"amount": 12000, "currency": "usd"}}.'}

    def to_internal_value(self, data: Any) -> Money:
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            self.fail("invalid")
        amount, currency = data["amount"], data["currency"]
        if isinstance(amount, bool) or not isinstance(amount, int) or not isinstance(currency, str):
            self.fail("invalid")
        return Money(amount, currency.lower())

    def to_representation(self, value: Money) -> dict[str, Any]:
        return value.as_json()


extend_schema_field(
    {
        "type": "object",
        "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
        "required": ["amount", "currency"],
    }
)(MoneyField)
