"""The signed-in person's connected calendars. What lets us in is never answered, the address included."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.pagination import Pagination
from core.api.serializers import InstantField, NoFields
from scheduling.domain.calendars import connect, disconnect
from scheduling.domain.syncing import sync
from scheduling.forms.calendars import CalendarWish
from scheduling.models import ConnectedCalendar
from scheduling.queries.calendars import calendar_of, calendars_of
from scheduling.states import CalendarKind


class CalendarJson(serializers.Serializer[Any]):
    """A connected calendar at the instant ``now`` of the context. ``failure`` is a sentence, or null."""

    id = serializers.CharField(source="pk")
    kind = serializers.ChoiceField(choices=CalendarKind.choices)
    name = serializers.CharField()
    username = serializers.CharField()
    writes = serializers.BooleanField()
    connected_at = InstantField()
    tried_at = InstantField(allow_null=True)
    synced_at = InstantField(allow_null=True)
    stale = serializers.SerializerMethodField()
    stale_at = InstantField(allow_null=True)
    failure = serializers.SerializerMethodField()

    def get_stale(self, calendar: ConnectedCalendar) -> bool:
        now: datetime = self.context["now"]
        return calendar.is_stale(now)

    def get_failure(self, calendar: ConnectedCalendar) -> str | None:
        return calendar.failure or None


class OwnCalendars(APIView):
    pagination_class = Pagination

    @extend_schema(responses=CalendarJson(many=True))
    def get(self, request: Request) -> Response:
        """The calendars whose busy times count, in the order in which they were connected."""
        pages = self.pagination_class()
        rows = pages.paginate_queryset(calendars_of(person_of(request)), request, view=self)
        return pages.get_paginated_response(_json(rows or [], many=True))

    @extend_schema(request=CalendarWish, responses={201: CalendarJson, 200: CalendarJson})
    @idempotent
    def post(self, request: Request) -> Response:
        """Connect a calendar; it is read before this is answered. One that is connected already is 200."""
        wish = CalendarWish(data=request.data)
        wish.is_valid(raise_exception=True)
        connected = connect(person_of(request), wish.account, now=clock.now())
        return Response(_json(connected.calendar), status=201 if connected.is_new else 200)


class OwnCalendar(APIView):
    @extend_schema(responses=CalendarJson)
    def get(self, request: Request, pk: int) -> Response:
        """One of my calendars and how its last sync went."""
        return Response(_json(calendar_of(person_of(request), pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Disconnect it: its busy times close nothing any more."""
        disconnect(pk, by=person_of(request), now=clock.now())
        return Response(status=204)


class SyncCalendar(APIView):
    @extend_schema(request=None, responses=CalendarJson)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Read it now. Where that fails `failure` says why, and what was known before still counts."""
        NoFields(data=request.data).is_valid(raise_exception=True)
        sync(calendar_of(person_of(request), pk).pk, now=clock.now())
        return Response(_json(calendar_of(person_of(request), pk)))


def _json(calendars: Any, *, many: bool = False) -> Any:
    return CalendarJson(calendars, many=many, context={"now": clock.now()}).data
