"""Waiting for a time of a coach."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.pagination import Pagination
from core.api.serializers import InstantField
from core.errors import NotFoundError
from marketplace.api.booking_json import instant
from marketplace.domain.waitlist import join_waitlist, leave_waitlist
from marketplace.forms.waitlist import WaitWish, offer_named
from marketplace.models import Coach, WaitlistEntry
from marketplace.queries.waitlist import entries_of

LARGEST_ID = 2**63 - 1


class EntryJson(serializers.Serializer[Any]):
    """What one waits for, at which place in the line, and the time that is held at the moment."""

    id = serializers.CharField()
    coach = serializers.SerializerMethodField()
    offer = serializers.CharField(source="offer_id")
    offer_name = serializers.CharField(source="offer.name")
    timezone = serializers.CharField()
    joined_at = InstantField()
    place = serializers.IntegerField()
    held = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        bounds = {
            "from": InstantField(source="from_at", allow_null=True),
            "to": InstantField(source="to_at", allow_null=True),
        }
        return {**super().get_fields(), **bounds}

    def get_coach(self, entry: WaitlistEntry) -> dict[str, str]:
        return {"slug": entry.offer.coach.slug, "name": entry.offer.coach.name}

    def get_held(self, entry: WaitlistEntry) -> list[dict[str, str | None]]:
        turns = entry.held_turns  # type: ignore[attr-defined]
        return [
            {
                "booking": str(turn.booking_id),
                "starts_at": instant(turn.starts_at),
                "hold_expires_at": instant(turn.booking.hold_expires_at),
            }
            for turn in turns
        ]


class CoachWaitlist(APIView):
    @extend_schema(request=WaitWish, responses={201: EntryJson, 200: EntryJson})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Wait for a time of this coach. Who waits for the offer already keeps his place: 200."""
        person, now = person_of(request), clock.now()
        coach = get_object_or_404(Coach.objects.live(), slug=slug)
        wish = WaitWish(data=request.data)
        wish.is_valid(raise_exception=True)
        joined = join_waitlist(
            offer_named(coach, wish.validated_data["offer"]),
            wish.range(),
            by=person,
            timezone=wish.validated_data.get("timezone", person.zone.key),
            now=now,
        )
        entry = entries_of(person, now).get(pk=joined.entry.pk)
        return Response(EntryJson(entry).data, status=201 if joined.is_new else 200)


class OwnWaitlist(APIView):
    pagination_class = Pagination

    @extend_schema(responses=EntryJson(many=True))
    def get(self, request: Request) -> Response:
        """What I wait for, the latest first."""
        pages = self.pagination_class()
        found = entries_of(person_of(request), clock.now())
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(EntryJson(rows, many=True).data)


class OwnWaitlistEntry(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Wait no longer."""
        if pk > LARGEST_ID:
            raise NotFoundError
        leave_waitlist(pk, by=person_of(request), now=clock.now())
        return Response(status=204)
