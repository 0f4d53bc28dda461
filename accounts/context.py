"""What every template knows of the reader's zone."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.queries import ZONE_COOKIE, viewer_zone


def zone(request: HttpRequest) -> dict[str, object]:
    """``viewer_zone``, and whether it is known or only assumed."""
    shown = viewer_zone(request)
    return {"viewer_zone": shown, "zone_is_known": shown.key != "UTC" or ZONE_COOKIE in request.COOKIES}
