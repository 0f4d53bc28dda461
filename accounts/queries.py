"""Who asks, and in which zone he reads times."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from accounts.models import User
from core.instants import zone_names

ZONE_COOKIE = "zone"
ZONE_COOKIE_SECONDS = 365 * 24 * 3600


def person_of(request: HttpRequest | Request) -> User:
    """The signed-in person of a request that lets nobody else in (``login_required``, IsAuthenticated)."""
    return cast("User", request.user)


def used_second_factor(request: HttpRequest | Request) -> bool:
    """Whether whoever asks has a second factor and used it to sign in.

    A token counts for one: to make it, its owner had to be signed in, or to stand at the machine itself.
    """
    person = person_of(request)
    if not is_mfa_enabled(person):
        return False
    door = getattr(request, "successful_authenticator", None) or SessionAuthentication()
    records = get_authentication_records(request, person)
    return not isinstance(door, SessionAuthentication) or any(it["method"] == "mfa" for it in records)


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
