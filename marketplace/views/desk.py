"""The coach desk: today, requests, the week, what is earned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.queries import person_of, viewer_zone
from core import clock
from core.instants import parse_day
from marketplace.models import Coach
from marketplace.queries.desk import desk_of, requests_of, requests_waiting
from marketplace.queries.earnings import earning_rows, earnings_summary, sold_by
from marketplace.queries.week import week_of
from payouts.domain.payees import payee_of
from payouts.queries.earnings import payouts_of

View = Callable[..., HttpResponse]
PAGE_SIZE = 25
LATEST_PAYOUTS = 6


def coach_only(view: View) -> View:
    """For people with a coach's or mentor's profile; to everybody else there is no desk."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = person_of(request)
        if not Coach.objects.filter(user=person).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@coach_only
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    coach, now = person_of(request), clock.now()
    context = {
        "desk": desk_of(coach, now),
        "profile": coach.coach,
        "payee": payee_of(coach, now=now),
        **frame(request, "desk", now),
    }
    return render(request, "marketplace/desk.html", context)


@coach_only
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    coach, now = person_of(request), clock.now()
    context = {"requests": requests_of(coach), **frame(request, "desk_requests", now)}
    return render(request, "marketplace/desk_requests.html", context)


@coach_only
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """One week on wall time; ``?on=2026-11-24`` names a day of it, nonsense means this week."""
    coach, now = person_of(request), clock.now()
    zone = viewer_zone(request)
    week = week_of(coach, _day(request.GET.get("on", ""), now.astimezone(zone).date()), zone=zone, now=now)
    context = {"week": week, **frame(request, "desk_calendar", now)}
    return render(request, "marketplace/desk_calendar.html", context)


@coach_only
@require_GET
def earnings(request: HttpRequest) -> HttpResponse:
    coach, now = person_of(request), clock.now()
    payee = payee_of(coach, now=now)
    page = Paginator(sold_by(payee), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "summary": earnings_summary(payee, zone=viewer_zone(request), now=now),
        "page": page,
        "rows": earning_rows(payee, page.object_list),
        "payouts": payouts_of(coach)[:LATEST_PAYOUTS],
        "payee": payee,
        **frame(request, "desk_earnings", now),
    }
    return render(request, "marketplace/desk_earnings.html", context)


def frame(request: HttpRequest, here: str, now: datetime) -> dict[str, Any]:
    """What every page of the desk shows: where one is, the zone, how many requests wait."""
    coach = person_of(request)
    return {"here": here, "now": now, "zone": viewer_zone(request), "waiting": requests_waiting(coach)}


def _day(text: str, otherwise: date) -> date:
    try:
        return parse_day(text)
    except ValueError:
        return otherwise
