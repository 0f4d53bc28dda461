"""Questions about times that come in an address, read and refused in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from core.api.serializers import InstantField, ZoneField
from core.errors import InvalidError

LONGEST_RANGE = timedelta(seconds=62 * 86_400)


@dataclass(frozen=True)
class SlotQuestion:
    """Which slots of an offer are asked for: ``from_at ≤ start < to_at``."""

    offer: str
    from_at: datetime
    to_at: datetime
    timezone: str | None


class _SlotFields(serializers.Serializer[Any]):
    offer = serializers.CharField(max_length=60)
    to = InstantField()
    timezone = ZoneField(required=False, default=None)

    def get_fields(self) -> dict[str, Any]:
        # "from" is a keyword of Python and cannot be a class attribute.
        return {**super().get_fields(), "from": InstantField()}


class _WhyFields(serializers.Serializer[Any]):
    offer = serializers.CharField(max_length=60)
    at = InstantField()


def read_slot_question(asked: QueryDict) -> SlotQuestion:
    """The question of ``GET /coaches/{slug}/slots/``.

    Raises:
        InvalidError: something is missing, unknown, reversed or longer than 62 days.
    """
    values = _valid(_SlotFields(data=_plain(asked)))
    question = SlotQuestion(values["offer"], values["from"], values["to"], values["timezone"])
    if question.to_at < question.from_at:
        raise InvalidError(fields={"to": ["The range ends before it begins."]})
    if question.to_at - question.from_at > LONGEST_RANGE:
        raise InvalidError(fields={"to": ["Ask for at most 62 days at once."]})
    return question


def read_why_question(asked: QueryDict) -> tuple[str, datetime]:
    """The offer and the instant of ``GET /me/availability/why``."""
    values = _valid(_WhyFields(data=_plain(asked)))
    return values["offer"], values["at"]


def _plain(asked: QueryDict) -> dict[str, str]:
    # A plus sign in an address is a space unless somebody escaped it.
    return {
        name: str(value).replace(" ", "+") if name in {"from", "to", "at"} else str(value)
        for name, value in asked.items()
        if value
    }


def _valid(fields: serializers.Serializer[Any]) -> dict[str, Any]:
    if not fields.is_valid():
        raise InvalidError(fields=dict(fields.errors))
    values: dict[str, Any] = fields.validated_data
    return values
