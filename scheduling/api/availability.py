"""The signed-in coach's own schedule."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from scheduling.api.schema import AVAILABILITY
from scheduling.domain.schedules import home_zone, read_availability, replace_availability
from scheduling.rules.availability_input import parse_availability


class OwnAvailability(APIView):
    @extend_schema(responses={(200, "application/json"): AVAILABILITY})
    def get(self, request: Request) -> Response:
        """When I work, as I stated it; the defaults before I did."""
        return Response(read_availability(person_of(request)).as_json())

    @extend_schema(
        request={"application/json": AVAILABILITY}, responses={(200, "application/json"): AVAILABILITY}
    )
    def put(self, request: Request) -> Response:
        """Replace all of it. A missing key takes its default; it holds before this is answered."""
        coach = person_of(request)
        availability = parse_availability(request.data, default_timezone=home_zone(coach))
        replace_availability(coach, availability, by=coach, now=clock.now())
        return Response(availability.as_json())
