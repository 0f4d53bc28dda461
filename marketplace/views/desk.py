"""The coach desk: today, requests, the week, what is earned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.queries import person_of, viewer_zone
from core import clock
from core.instants import parse_day, parse_instant
from marketplace.models import Coach
from marketplace.queries.desk import desk_of, requests_of, requests_waiting
from marketplace.queries.week import week_of
from marketplace.queries.whys import whys_at
from payouts.domain.payees import payee_of
from payouts.queries.earnings import payouts_of, refused_payout
from scheduling.rules.wallclock import DAY as A_DAY
from scheduling.rules.wallclock import ZoneClock, day_of, instant_of

View = Callable[..., HttpResponseBase]
WAYS = {
    "inactive": ("desk_offers", "", "Your offers"),
    "paused": ("desk_availability", "numbers", "End the pause"),
    "notice": ("desk_availability", "numbers", "Change the notice"),
    "booking_window": ("desk_availability", "numbers", "Change how far ahead"),
    "day_off": ("desk_availability", "exceptions", "Open that date"),
    "time_off": ("desk_availability", "time_off", "Change your time off"),
    "outside_hours": ("desk_availability", "weekly", "Change your hours"),
    "calendar_stale": ("desk_calendars", "", "See your connected calendars"),
    "busy": ("desk_calendars", "", "See your connected calendars"),
    "daily_limit": ("desk_availability", "numbers", "Change the limit"),
    "weekly_limit": ("desk_availability", "numbers", "Change the limit"),
    "off_grid": ("desk_availability", "numbers", "Change when sessions start"),
}
"""Where a coach changes what hides a time: page, place on it, words."""


def coach_only(view: View) -> View:
    """For people with a coach's or mentor's profile; to everybody else there is no desk."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if not Coach.objects.filter(user=person).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@coach_only
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    coach, now = person_of(request), clock.now()
    payee = payee_of(coach, now=now)
    context = {
        "desk": desk_of(coach, now),
        "profile": coach.coach,
        "payee": payee,
        "refused": refused_payout(payee, payouts_of(coach).first()),
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
    """One week on wall time; ``?on=2026-11-24`` names a day of it, nonsense means this week.

    ``?at=`` an instant, or ``?wall=`` a time of this zone, asks why it is not offered.
    """
    coach, now = person_of(request), clock.now()
    zone = viewer_zone(request)
    at = _asked_instant(request, zone)
    why = _why(coach.coach, at, now) if at else {}
    if why and getattr(request, "htmx", False):
        answer = render(request, "marketplace/_why.html", {**why, "zone": zone})
        answer["HX-Push-Url"] = "false"  # the page stays where it is
        return answer
    today = (at or now).astimezone(zone).date()
    week = week_of(coach, _day(request.GET.get("on", ""), today), zone=zone, now=now)
    context = {"week": week, **why, **frame(request, "desk_calendar", now)}
    return render(request, "marketplace/desk_calendar.html", context)


def frame(request: HttpRequest, here: str, now: datetime) -> dict[str, Any]:
    """What every page of the desk shows: where one is, the zone, how many requests wait."""
    coach = person_of(request)
    return {"here": here, "now": now, "zone": viewer_zone(request), "waiting": requests_waiting(coach)}


def _why(coach: Coach, at: datetime, now: datetime) -> dict[str, Any]:
    answer = whys_at(coach, at, now=now)
    ways = {reason.why.reason: WAYS.get(reason.why.reason or "") for reason in answer.reasons}
    return {"why": answer, "reasons": [(reason, ways[reason.why.reason]) for reason in answer.reasons]}


def _asked_instant(request: HttpRequest, zone: ZoneInfo) -> datetime | None:
    """The instant of ``?at=``, or that of ``?wall=`` on this zone's clocks; None for nonsense."""
    at, wall = request.GET.get("at", ""), request.GET.get("wall", "")
    try:
        # A plus sign in an address is a space unless somebody escaped it.
        return parse_instant(at.replace(" ", "+")) if at else _at_wall(wall, zone)
    except ValueError:
        return None


def _at_wall(wall: str, zone: ZoneInfo) -> datetime:
    day = day_of(parse_day(wall[:10]))
    at = datetime.fromisoformat(wall)
    return instant_of(ZoneClock(zone.key).minute(day * A_DAY + at.hour * 60 + at.minute))


def _day(text: str, otherwise: date) -> date:
    try:
        return parse_day(text)
    except ValueError:
        return otherwise
