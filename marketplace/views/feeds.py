"""The private address of one's sessions: making and closing it, and what a calendar reads there."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_POST, require_safe
from rest_framework.throttling import SimpleRateThrottle

from accounts.queries import person_of
from core import clock
from marketplace.domain.invitation import sessions_calendar
from scheduling.domain.feeds import open_feed, revoke_feed
from scheduling.queries.feeds import digest, feed_of, owner_of

TOO_MANY = 429


class FeedThrottle(SimpleRateThrottle):
    """One calendar looks now and then; who looks all the time waits."""

    scope = "feed"

    def get_rate(self) -> str | None:
        rate: str | None = settings.FEED_RATE
        return rate

    def get_cache_key(self, request: Any, _view: Any) -> str:
        return f"feed:{digest(request.resolver_match.kwargs['secret'])}"


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The sessions of whoever made this address, for any calendar that knows it. No cookie is read."""
    throttle = FeedThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]
        wait = throttle.wait() or 0
        return HttpResponse(status=TOO_MANY, headers={"Retry-After": str(int(wait) + 1)})
    owner = owner_of(secret)
    if owner is None:
        raise Http404
    content = sessions_calendar(owner, now=clock.now())
    etag = f'"{sha256(content).hexdigest()}"'
    response = HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={
            "ETag": etag,
            # Its reader may ask whether it changed; nobody between keeps a copy, and no engine lists it.
            "Cache-Control": "private, no-cache",
            "Content-Disposition": 'inline; filename="sessions.ics"',
            "X-Robots-Tag": "noindex",
        },
    )
    return cast("HttpResponse", get_conditional_response(request, etag=etag, response=response))


@login_required
@require_GET
def own_feed(request: HttpRequest) -> HttpResponse:
    return render(request, "marketplace/calendar_feed.html", {"feed": feed_of(person_of(request))})


@login_required
@require_POST
def make_feed(request: HttpRequest) -> HttpResponse:
    """Show the new address once, on the answer itself: only its digest is stored."""
    person = person_of(request)
    address = settings.SITE_URL + reverse("feed", args=[open_feed(person, now=clock.now())])
    context = {
        "feed": feed_of(person),
        "address": address,
        "subscribe_address": f"webcal{address.removeprefix('https').removeprefix('http')}",
    }
    response = render(request, "marketplace/calendar_feed.html", context)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def close_feed(request: HttpRequest) -> HttpResponse:
    revoke_feed(person_of(request), now=clock.now())
    messages.success(request, "The address opens nothing any more.")
    return redirect("calendar_feed")
