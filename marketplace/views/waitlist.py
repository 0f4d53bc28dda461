"""Waiting for a time: joining on the coach's page, and what one waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import DomainError, NotFoundError
from marketplace.domain.waitlist import join_waitlist, leave_waitlist
from marketplace.forms.waitlist import WaitForm
from marketplace.models import Coach, Offer, WaitlistEntry
from marketplace.queries.coaches import profile_of
from marketplace.queries.waitlist import entries_of, entry_of
from marketplace.views.addresses import Address


@dataclass(frozen=True)
class WaitingRoom:
    """What ``_waitlist.html`` shows: how the viewer waits for this offer, or the form to join."""

    entry: WaitlistEntry | None
    form: WaitForm
    hold_length: timedelta


def waiting_room(request: HttpRequest, offer: Offer) -> WaitingRoom:
    """For the picker of an offer."""
    person = request.user
    entry = entry_of(person, offer, clock.now()) if isinstance(person, User) else None
    return WaitingRoom(entry, WaitForm(), settings.WAITLIST_HOLD_LENGTH)


@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Join the waitlist of an offer, or change the days; who is not signed in does that first."""
    coach = get_object_or_404(profile_of(slug))
    offer = next((each for each in coach.offers.all() if each.slug == request.POST.get("offer")), None)
    if offer is None:
        raise Http404
    back = _picker_address(coach, offer)
    if not isinstance(request.user, User):
        return redirect_to_login(back)
    form = WaitForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(back)
    zone = viewer_zone(request)
    try:
        join_waitlist(offer, form.range_in(zone), by=request.user, timezone=zone.key, now=clock.now())
        messages.success(request, "You are on the waitlist. We write as soon as a time is held for you.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect(back)


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        leave_waitlist(pk, by=person_of(request), now=clock.now())
    except NotFoundError as missing:
        raise Http404 from missing
    messages.success(request, "You wait no longer.")
    return redirect("waitlist")


@login_required
@require_GET
def waitlist(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    context = {
        "entries": entries_of(person, now),
        "now": now,
        "hold_length": settings.WAITLIST_HOLD_LENGTH,
    }
    return render(request, "marketplace/waitlist.html", context)


def _picker_address(coach: Coach, offer: Offer) -> str:
    asked = QueryDict(mutable=True)
    asked["offer"] = offer.slug
    return f"{Address(coach.get_absolute_url(), asked)}#book"
