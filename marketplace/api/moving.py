"""Another time for a session: the candidate moves it, the coach asks for it, the candidate answers."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.serializers import NoFields
from marketplace.api.booking_json import BookingDetailJson
from marketplace.api.bookings import detail, valid
from marketplace.domain.moving import accept_move, reschedule
from marketplace.forms.moving import MoveWish
from marketplace.queries.sessions import session_of
from scheduling.domain.moving import refuse_move, withdraw_move


class Reschedule(APIView):
    @extend_schema(request=MoveWish, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """A candidate's move happens at once. A coach's is a proposal, which keeps no time."""
        starts_at = valid(MoveWish(data=request.data))["starts_at"]
        reschedule(pk, starts_at, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class AcceptMove(APIView):
    @extend_schema(request=None, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The candidate says yes; if the time is taken by now, the old one stands."""
        valid(NoFields(data=request.data))
        accept_move(pk, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class RefuseMove(APIView):
    @extend_schema(request=None, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The candidate says no; the old time stands, and he may give it up at no cost."""
        valid(NoFields(data=request.data))
        session_of(person_of(request), pk)
        refuse_move(pk, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class WithdrawMove(APIView):
    @extend_schema(request=None, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The coach takes his proposal back; the old time stands."""
        valid(NoFields(data=request.data))
        session_of(person_of(request), pk)
        withdraw_move(pk, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))
