"""Who asks, and in which zone he reads times."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User
from core.instants import zone_names

ZONE_COOKIE = "zone"
ZONE_COOKIE_SECONDS = 365 * 24 * 3600


def person_of(request: HttpRequest | Request) -> User:
    """The signed-in person of a request that lets nobody else in (``login_required``, IsAuthenticated)."""
    return cast("User", request.user)


def viewer_zone(request: HttpRequest) -> ZoneInfo:
    """``?timezone=`` of a shared link first, then the person's own, then what the browser told; else UTC."""
    # A request refused at the gate (a foreign host) has no person yet, but its error page has a zone.
    person = getattr(request, "user", None)
    candidates = (
        request.GET.get("timezone", ""),
        person.timezone if person and person.is_authenticated else "",
        request.COOKIES.get(ZONE_COOKIE, ""),
    )
    return ZoneInfo(next((name for name in candidates if name in zone_names()), "UTC"))
