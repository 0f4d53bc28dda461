"""Connecting a calendar at a provider that asks its owner for consent (OAuth)."""

from __future__ import annotations

from secrets import compare_digest, token_urlsafe

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.queries import person_of
from core import clock
from core.errors import DomainError
from integrations.calendars.errors import CalendarError
from integrations.calendars.gateway import Account
from integrations.calendars.oauth import consent_url, lasting_token, providers_on
from scheduling.domain.calendars import connect
from scheduling.views.calendars import home_of

WAITING = "calendar_consent"


@login_required
@require_GET
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """To the provider's own page. What it has to bring back waits in the session."""
    _refuse_unless_on(kind)
    state, verifier = token_urlsafe(32), token_urlsafe(64)
    request.session[WAITING] = {"kind": kind, "state": state, "verifier": verifier}
    return redirect(consent_url(kind, redirect_uri=_back(kind), state=state, verifier=verifier))


@login_required
@require_GET
def answered(request: HttpRequest, kind: str) -> HttpResponse:
    """Back with a yes or a no, once for each question."""
    _refuse_unless_on(kind)
    waiting = request.session.pop(WAITING, {})
    state = request.GET.get("state", "")
    asked = waiting.get("kind") == kind and compare_digest(waiting["state"].encode(), state.encode())
    if not asked or "code" not in request.GET:
        messages.error(request, "The calendar was not connected.")
        return redirect(home_of(request))
    try:
        token = lasting_token(
            kind, code=request.GET["code"], redirect_uri=_back(kind), verifier=waiting["verifier"]
        )
        connected = connect(person_of(request), Account(kind, address="", secret=token), now=clock.now())
    except (CalendarError, DomainError) as refusal:
        messages.error(request, f"The calendar was not connected. {refusal.message}")
    else:
        messages.success(request, f"{connected.calendar.name} is connected and was read.")
    return redirect(home_of(request))


def _refuse_unless_on(kind: str) -> None:
    if kind not in providers_on():
        raise Http404


def _back(kind: str) -> str:
    back: str = settings.SITE_URL + reverse("calendar_consent_answered", args=[kind])
    return back
