"""What the API is sent about bookings: known fields only, in their bounds."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import InstantField, StrictSerializer, ZoneField
from core.instants import parse_day
from marketplace.rules.rubrics import LEVELS
from marketplace.rules.vocabulary import InterviewType

LARGEST_ID = 2**63 - 1
MOST_MARKS = 20
LONG = 4_000


class IdField(serializers.Field[int, Any, str, Any]):
    """An opaque id: a string of digits out, that or a number in."""

    default_error_messages = {"invalid": "Give the id as you were given it."}

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if isinstance(data, bool) or not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_ID:
            self.fail("invalid")
        return int(text)

    def to_representation(self, value: int) -> str:
        return str(value)


extend_schema_field({"type": "string"})(IdField)


class DayField(serializers.Field[date | None, Any, str, Any]):
    """An ISO day, or nothing."""

    default_error_messages = {"invalid": "Give a day as 2026-12-01."}

    def to_internal_value(self, data: Any) -> date | None:
        if data == "":
            return None
        try:
            return parse_day(data)
        except (TypeError, ValueError):
            self.fail("invalid")

    def to_representation(self, value: date | None) -> str:
        return value.isoformat() if value else ""


extend_schema_field({"type": "string", "format": "date", "nullable": True})(DayField)


class Answers(StrictSerializer):
    """The prep form. A field that is not sent stays as it is."""

    target_company = serializers.CharField(max_length=80, allow_blank=True, required=False)
    target_level = serializers.CharField(max_length=80, allow_blank=True, required=False)
    interview_on = DayField(allow_null=True, required=False)
    focus = serializers.CharField(max_length=2_000, allow_blank=True, required=False)
    background = serializers.CharField(max_length=LONG, allow_blank=True, required=False)
    went_wrong = serializers.CharField(max_length=2_000, allow_blank=True, required=False)


class BookingWish(StrictSerializer):
    offer = IdField()
    starts_at = InstantField()
    timezone = ZoneField()
    answers = Answers(required=False)


class SeriesRequest(StrictSerializer):
    offer = IdField()
    starts = serializers.ListField(child=InstantField(), min_length=1, max_length=settings.MOST_IN_A_SERIES)
    timezone = ZoneField()
    partial = serializers.BooleanField(default=False)  # type: ignore[assignment]  # a field, not the flag
    answers = Answers(required=False)


class CancelWish(StrictSerializer):
    preview = serializers.BooleanField(default=False)


class DeclineWish(StrictSerializer):
    reason = serializers.CharField(max_length=LONG, allow_blank=True, default="")


class MarkWish(StrictSerializer):
    skill = serializers.CharField(max_length=60)
    level = serializers.IntegerField(min_value=min(LEVELS), max_value=max(LEVELS))
    evidence = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class ScorecardWish(StrictSerializer):
    marks = serializers.ListField(child=MarkWish(), min_length=1, max_length=MOST_MARKS)
    keep = serializers.CharField(max_length=LONG)
    stop = serializers.CharField(max_length=LONG)
    start = serializers.CharField(max_length=LONG)
    drills = serializers.CharField(max_length=LONG, allow_blank=True, default="")
    interview_type = serializers.ChoiceField(InterviewType.choices, default="", allow_blank=True)

    def validate_marks(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        skills = [mark["skill"] for mark in marks]
        if len(set(skills)) < len(skills):
            raise serializers.ValidationError("Each skill is marked once.")
        return marks


class ReviewWish(StrictSerializer):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(max_length=LONG, allow_blank=True, default="")
