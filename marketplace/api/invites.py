from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.errors import NotFoundError
from marketplace.domain.invitation import invitation
from marketplace.models import Session


class AnyReader(DefaultContentNegotiation):
    """Who accepts calendars only is not sent away; a refusal is JSON for him, too."""

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002  (whatever it accepts)
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


class Invite(APIView):
    """The session's calendar invite (iCalendar), for its two sides."""

    content_negotiation_class = AnyReader

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        person = person_of(request)
        session = Session.objects.of(person).with_people().filter(pk=pk).first()
        if session is None:
            raise NotFoundError
        content = invitation(session, reader=person, now=clock.now())
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="invite.ics"'
        return response
