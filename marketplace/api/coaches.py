"""Coaches, their offers and their free times, for everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.pagination import Pagination
from marketplace.api.serializers import CoachProfile, CoachRow, SlotList
from marketplace.forms.filters import read_filters
from marketplace.forms.slots import read_slot_question
from marketplace.models import Coach
from marketplace.queries.coaches import next_starts_of, profile_of
from marketplace.queries.directory import ORDERINGS, search
from marketplace.queries.free_when import CHIPS
from marketplace.rules.vocabulary import CoachKind
from scheduling.queries.slots import open_starts


def _many(name: str, description: str, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, str, many=True, description=description, **options)


FILTERS = [
    OpenApiParameter("q", str, description="Words; the last one may be a beginning."),
    _many("company", "Codes; repeated means *or*."),
    _many("interview_type", "Codes; repeated means *or*."),
    _many("language", "ISO 639-1 codes; repeated means *or*."),
    _many("seniority", "Codes; repeated means *or*."),
    OpenApiParameter("kind", str, enum=CoachKind.values),
    OpenApiParameter("price_min", int, description="Minor units."),
    OpenApiParameter("price_max", int, description="Minor units."),
    OpenApiParameter("min_rating", float),
    OpenApiParameter(
        "free_from", OpenApiTypes.DATETIME, description="With `free_to`: a slot starts in the range."
    ),
    OpenApiParameter("free_to", OpenApiTypes.DATETIME),
    _many("free", "Repeated means *and*; read in `timezone`.", enum=list(CHIPS)),
    OpenApiParameter("timezone", str, description="IANA; yours by default."),
    OpenApiParameter("ordering", str, enum=ORDERINGS),
]


class CoachList(APIView):
    permission_classes = [AllowAny]
    pagination_class = Pagination

    @extend_schema(parameters=FILTERS, responses=CoachRow(many=True))
    def get(self, request: Request) -> Response:
        """Search coaches and mentors."""
        now = clock.now()
        zone = request.user.zone if request.user.is_authenticated else ZoneInfo("UTC")
        found = search(read_filters(request.query_params, zone=zone), now=now).with_words()
        pages = self.pagination_class()
        rows = pages.paginate_queryset(found, request, view=self) or []
        context = {"next_starts": next_starts_of(rows, now=now)}
        return pages.get_paginated_response(CoachRow(rows, many=True, context=context).data)


class CoachDetail(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=CoachProfile)
    def get(self, _request: Request, slug: str) -> Response:
        """One coach with the offers on sale."""
        now = clock.now()
        coach = get_object_or_404(profile_of(slug))
        context = {"next_starts": next_starts_of([coach], now=now)}
        return Response(CoachProfile(coach, context=context).data)


class CoachSlots(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[
            OpenApiParameter("offer", str, required=True, description="The offer's slug."),
            OpenApiParameter("from", OpenApiTypes.DATETIME, required=True),
            OpenApiParameter(
                "to", OpenApiTypes.DATETIME, required=True, description="At most 62 days later."
            ),
            OpenApiParameter("timezone", str, description="IANA; the coach's by default."),
        ],
        responses=SlotList,
    )
    def get(self, request: Request, slug: str) -> Response:
        """The times one may choose: `from ≤ starts_at < to`, in order."""
        question = read_slot_question(request.query_params)
        coach = get_object_or_404(Coach.objects.live().select_related("user__schedule"), slug=slug)
        offer = get_object_or_404(coach.offers.active().for_a_time(), slug=question.offer)
        zone = ZoneInfo(question.timezone or coach.timezone)
        length = timedelta(minutes=offer.duration_minutes)
        starts = open_starts(
            coach.user_id,
            duration_minutes=offer.duration_minutes,
            from_at=question.from_at,
            to_at=question.to_at,
            now=clock.now(),
        )
        slots = [
            {"starts_at": at, "ends_at": at + length, "starts_at_local": at.astimezone(zone).isoformat()}
            for at in starts
        ]
        answer = {
            "timezone": zone.key,
            "coach_timezone": coach.timezone,
            "duration_minutes": offer.duration_minutes,
            "slots": slots,
        }
        return Response(SlotList(answer).data)
