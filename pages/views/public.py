"""The public face: home, the rules in plain words, and the little form that puts a notice away."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.queries import viewer_zone
from core import clock
from core.zones import zone_groups
from pages import policy as rules
from pages.demonstration import home_screens
from pages.queries import all_today, free_soonest, proof

DISMISSED_FOR_SECONDS = 30 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    zone = viewer_zone(request)
    board = free_soonest(zone, now=now)
    return render(
        request,
        "pages/home.html",
        {
            "now": now,
            "board": board,
            "all_today": all_today(board, zone, now=now),
            "proof": proof(),
            "zones": zone_groups(now),
            "screens": home_screens(now, zone),
            "best": rules.tiers(settings)[0],
        },
    )


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The cancellation policy as it is in force at this moment."""
    return render(request, "pages/policy.html", rules.terms(settings))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@require_POST
def dismiss(request: HttpRequest, name: str) -> HttpResponse:
    """Put a notice above the bar away for a month, and go back to where it was."""
    target = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    response.set_cookie(
        f"ribbon-{name}", "away", max_age=DISMISSED_FOR_SECONDS, samesite="Lax", secure=request.is_secure()
    )
    return response
