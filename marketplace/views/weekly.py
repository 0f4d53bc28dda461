"""Repeating a time every week: a page that shows each date before anything is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.queries import viewer_zone
from core import clock
from core.errors import DomainError
from core.instants import instant_json, parse_instant
from marketplace.domain.series import SeriesWish, book_series
from marketplace.models import Coach, Offer
from marketplace.queries.coaches import profile_of
from marketplace.queries.price import policy_words
from marketplace.queries.sessions import kept_answers
from marketplace.queries.weekly import Sum, occurrences
from marketplace.views.addresses import Address
from marketplace.views.coach import cookie_of
from scheduling.states import BookingState

FEWEST, USUAL, MOST = 2, 4, 12


@dataclass(frozen=True)
class Asked:
    """What the page is about: ``times`` weeks of an offer, from ``first`` on."""

    offer: Offer
    first: datetime
    times: int

    def address(self, person: Coach) -> str:
        query = QueryDict(mutable=True)
        query["offer"], query["start"] = self.offer.slug, instant_json(self.first)
        query["times"] = str(self.times)
        return str(Address(reverse("weekly", args=[person.slug]), query))


@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """From the picker, with the time that was chosen there."""
    person = get_object_or_404(profile_of(slug))
    asked = _asked(person, request.POST, start=request.POST.get("starts_at", ""))
    if asked is None:
        messages.error(request, "Choose a time first.")
        return redirect(person)
    return redirect(asked.address(person))


@require_safe
def weekly(request: HttpRequest, slug: str) -> HttpResponse:
    """Each date with what it costs or what stands in its way."""
    person = get_object_or_404(profile_of(slug))
    asked = _asked(person, request.GET, start=request.GET.get("start", ""))
    if asked is None:
        return redirect(person)
    return render(request, "marketplace/weekly.html", _page(request, person, asked))


@require_POST
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the dates that are ticked, all of them or none. Who is not signed in does that first."""
    person = get_object_or_404(profile_of(slug))
    asked = _asked(person, request.POST, start=request.POST.get("start", ""))
    if asked is None:
        return redirect(person)
    starts = _instants(request.POST.getlist("starts"))
    if not starts:
        messages.error(request, "Tick at least one date.")
        return redirect(asked.address(person))
    if not request.user.is_authenticated:
        return redirect_to_login(asked.address(person))
    wish = SeriesWish(
        offer_id=asked.offer.pk,
        starts=starts,
        timezone=viewer_zone(request).key,
        partial=False,
        answers=kept_answers(request.user, person),
        private_code=request.get_signed_cookie(cookie_of(person), default="") or "",
    )
    try:
        first = book_series(wish, candidate=request.user, now=clock.now()).sessions[0]
    except DomainError as refusal:
        context = {**_page(request, person, asked, ticked=starts), "refusal": refusal}
        return render(request, "marketplace/weekly.html", context, status=refusal.status)
    step = "booking_prepare" if first.booking.state == BookingState.HELD else "booking_paid"
    return redirect(step, first.pk)


def _asked(person: Coach, given: QueryDict, *, start: str) -> Asked | None:
    """None without a time; an offer that is not sold, or is for no series, is not there."""
    offers: list[Offer] = person.offers_on_sale  # type: ignore[attr-defined]
    offer = next((each for each in offers if each.slug == given.get("offer")), None)
    if offer is None or not offer.is_for_a_time or offer.is_intro:
        raise Http404
    # The queries ask it of the offer.
    offer.coach = person
    first = next(iter(_instants([start])), None)
    asked_for = given.get("times", "")
    times = int(asked_for) if asked_for in {str(each) for each in range(FEWEST, MOST + 1)} else USUAL
    return Asked(offer, first, times) if first else None


def _instants(texts: list[str]) -> list[datetime]:
    """Those that can be read; the others were not made by our page."""
    found = []
    for text in texts:
        try:
            found.append(parse_instant(text.replace(" ", "+")))
        except ValueError:
            continue
    return found


def _page(
    request: HttpRequest, person: Coach, asked: Asked, *, ticked: list[datetime] | None = None
) -> dict[str, Any]:
    zone, now, offer = viewer_zone(request), clock.now(), asked.offer
    viewer = request.user if isinstance(request.user, User) else None
    dates = occurrences(offer, asked.first, asked.times, zone=zone, viewer=viewer, now=now)
    had = [date.starts_at for date in dates if not date.refusal]
    chosen = had if ticked is None else [start for start in had if start in ticked]
    here = asked.address(person)
    return {
        "coach": person,
        "offer": offer,
        "asked": asked,
        "dates": dates,
        "chosen": chosen,
        "failing": len(dates) - len(had),
        "sum": Sum(len(chosen), offer.cost),
        "counts": range(FEWEST, MOST + 1),
        "zone": zone,
        "coach_zone": person.timezone,
        "policy_words": policy_words(),
        "hold_length": settings.HOLD_LENGTH,
        "sign_in_note": viewer is None,
        "picker": str(Address(person.get_absolute_url(), _choice(asked))),
        "trail": [
            ("Coaching", reverse("directory")),
            (person.name, person.get_absolute_url()),
            ("Every week", here),
        ],
    }


def _choice(asked: Asked) -> QueryDict:
    query = QueryDict(mutable=True)
    query["offer"], query["start"] = asked.offer.slug, instant_json(asked.first)
    return query
