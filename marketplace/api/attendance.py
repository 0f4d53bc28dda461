"""Who came to a session, and what is said when somebody did not."""

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
from marketplace.domain import attendance
from marketplace.forms.attendance import DisputeWish, NoShowWish
from marketplace.queries.sessions import session_of
from scheduling.domain.attendance import say_here
from scheduling.domain.reports import contest


class Here(APIView):
    @extend_schema(request=None, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """I am here: from ten minutes before the start until the end."""
        valid(NoFields(data=request.data))
        session_of(person_of(request), pk)
        say_here(pk, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class NoShow(APIView):
    @extend_schema(request=NoShowWish, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The other side did not come. It stands after a day unless that side came, or objects."""
        comment = valid(NoShowWish(data=request.data))["comment"]
        attendance.report_no_show(pk, by=person_of(request), comment=comment, now=clock.now())
        return Response(detail(request, pk))


class ContestNoShow(APIView):
    @extend_schema(request=NoShowWish, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Object to what the other side reported: operations decide."""
        comment = valid(NoShowWish(data=request.data))["comment"]
        session_of(person_of(request), pk)
        contest(pk, by=person_of(request), comment=comment, now=clock.now())
        return Response(detail(request, pk))


class Dispute(APIView):
    @extend_schema(request=DisputeWish, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The candidate disputes the session, until 72 hours after its end: operations decide."""
        said = valid(DisputeWish(data=request.data))
        attendance.dispute(pk, **said, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))
