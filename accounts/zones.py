"""In which zone this visitor reads times: asked for, chosen, detected, or UTC."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest

from core.instants import zone_names

COOKIE = "zone"
COOKIE_AGE_SECONDS = 365 * 24 * 3600


def viewer_zone(request: HttpRequest) -> ZoneInfo:
    """``?timezone=`` of a shared link first, then the person's own, then what the browser told."""
    person = request.user
    candidates = (
        request.GET.get("timezone", ""),
        person.timezone if person.is_authenticated else "",
        request.COOKIES.get(COOKIE, ""),
    )
    return ZoneInfo(next((name for name in candidates if name in zone_names()), "UTC"))


def zone(request: HttpRequest) -> dict[str, object]:
    """Context for every template: ``viewer_zone``, and whether a zone is known at all."""
    shown = viewer_zone(request)
    return {"viewer_zone": shown, "zone_is_known": shown.key != "UTC" or COOKIE in request.COOKIES}
