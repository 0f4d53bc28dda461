"""What the API says of coaches and offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.api.serializers import InstantField, MoneyField, StrictSerializer
from marketplace.models import Coach
from marketplace.models.offer import LONGEST_MINUTES
from marketplace.rules.vocabulary import OfferKind


class CoachRow(serializers.Serializer[Any]):
    """A row of the directory. ``next_free_at`` comes in the context, read for the whole page at once."""

    slug = serializers.CharField()
    name = serializers.CharField()
    headline = serializers.CharField()
    kind = serializers.CharField()
    companies = serializers.SerializerMethodField()
    interview_types = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    rating = serializers.SerializerMethodField()
    review_count = serializers.IntegerField()
    price_from = MoneyField(source="lowest_price", allow_null=True)
    timezone = serializers.CharField()
    next_free_at = serializers.SerializerMethodField()

    def get_companies(self, coach: Coach) -> list[str]:
        return [job.company.code for job in coach.employments.all()]

    def get_rating(self, coach: Coach) -> float | None:
        return None if coach.rating is None else float(coach.rating)

    def get_next_free_at(self, coach: Coach) -> datetime | None:
        start: datetime | None = self.context["next_starts"].get(coach.user_id)
        return start and InstantField().to_representation(start)  # type: ignore[return-value]


class OfferRow(serializers.Serializer[Any]):
    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    price = MoneyField(source="cost")
    kind = serializers.CharField()


class CoachProfile(CoachRow):
    seniority = serializers.CharField()
    bio = serializers.CharField()
    offers = OfferRow(source="offers_on_sale", many=True)


class OwnOffer(OfferRow):
    """An offer as its coach sees it."""

    active = serializers.BooleanField()
    needs_approval = serializers.BooleanField()


class OfferWish(StrictSerializer):
    """What a coach sends to make or change an offer."""

    slug = serializers.SlugField(max_length=60, required=False)
    name = serializers.CharField(max_length=80)
    duration_minutes = serializers.IntegerField(min_value=5, max_value=LONGEST_MINUTES)
    price = MoneyField()
    kind = serializers.ChoiceField(OfferKind.choices, default=OfferKind.SESSION)
    active = serializers.BooleanField(default=True)
    needs_approval = serializers.BooleanField(default=False)


class SlotRow(serializers.Serializer[Any]):
    starts_at = InstantField()
    ends_at = InstantField()
    starts_at_local = serializers.CharField(
        help_text="The coach's or the asked zone's wall time with its offset."
    )


class SlotList(serializers.Serializer[Any]):
    timezone = serializers.CharField()
    coach_timezone = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    slots = SlotRow(many=True)


class WhyAnswer(serializers.Serializer[Any]):
    bookable = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    detail = serializers.CharField()
