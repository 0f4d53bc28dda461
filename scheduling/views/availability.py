"""The schedule editor: one form that works by submitting it, whatever is missing in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import InvalidError
from core.instants import zone_names
from scheduling.domain.schedules import home_zone, read_availability, replace_availability
from scheduling.forms.availability import AvailabilityDraft, draft_of, read_draft
from scheduling.forms.editor import editor_of
from scheduling.forms.edits import edit
from scheduling.forms.months import month_of
from scheduling.forms.rhythm import WEEKDAY_NAMES
from scheduling.models import Schedule
from scheduling.queries.preview import preview_starts
from scheduling.rules.availability import Availability
from scheduling.rules.availability_input import parse_availability
from scheduling.rules.wallclock import ZoneClock, date_of, minute_of

USUAL_MINUTES = 60
LENGTHS = (15, 30, 45, 60, 90, 120)
BAD_REQUEST = 400
PAGE, PREVIEW = "scheduling/availability.html", "scheduling/_preview.html"


@dataclass(frozen=True)
class PreviewDay:
    on: date
    starts: list[datetime]

    @property
    def count(self) -> int:
        return len(self.starts)


@login_required
@require_http_methods(["GET", "POST"])
def availability(request: HttpRequest) -> HttpResponse:
    coach, now = person_of(request), clock.now()
    if request.method == "GET":
        return render(request, PAGE, _page(request, draft_of(read_availability(coach)), now))
    draft = read_draft(request.POST.dict())
    focus = edit(draft, request.POST)
    if focus is not None:
        return render(request, PAGE, _page(request, draft, now) | {"focus": focus, "unsaved": True})
    try:
        stated = parse_availability(draft.body(), default_timezone=home_zone(coach))
    except InvalidError as refusal:
        draft.refuse(refusal.extra.get("fields", {}))
        stated = None
    if "preview" in request.POST and getattr(request, "htmx", False):
        return render(request, PREVIEW, _preview(request, draft, now))
    if stated is None:
        return render(request, PAGE, _page(request, draft, now), status=BAD_REQUEST)
    if "preview" in request.POST:
        return render(request, PAGE, _page(request, draft, now) | {"unsaved": True})
    replace_availability(coach, stated, by=coach, now=now)
    messages.success(request, "Saved. Candidates see the new times already.")
    return redirect("desk_availability")


def _page(request: HttpRequest, draft: AvailabilityDraft, now: datetime) -> dict[str, Any]:
    month = request.POST.get("show_month") or request.POST.get("month", "")
    zone = draft.timezone if draft.timezone in zone_names() else home_zone(person_of(request))
    today = now.astimezone(ZoneInfo(zone)).date()
    return {
        "here": "desk_availability",
        "editor": editor_of(draft),
        "month": month_of(draft, month, chosen=_chosen(request), today=today),
        "weekdays": WEEKDAY_NAMES,
        "zones": sorted(zone_names()),
        "now": now,
        **_preview(request, draft, now),
    }


def _chosen(request: HttpRequest) -> list[str]:
    """Dates that are ticked stay so, until something was done with them."""
    return [] if "mark" in request.POST else request.POST.getlist("dates")


def _preview(request: HttpRequest, draft: AvailabilityDraft, now: datetime) -> dict[str, Any]:
    """What candidates would see of the draft; of one that cannot be read, nothing."""
    coach = person_of(request)
    zone, minutes = _asked_zone(request), _asked_minutes(request, coach)
    lengths = sorted({*LENGTHS, minutes})
    shown = {"preview_zone": zone.key, "preview_minutes": minutes, "lengths": lengths, "now": now}
    try:
        stated = parse_availability(draft.body(), default_timezone=home_zone(coach))
    except InvalidError:
        return {**shown, "is_readable": False}
    starts = preview_starts(coach.pk, stated, duration_minutes=minutes, now=now)
    days = groupby(starts, key=lambda start: start.astimezone(zone).date())
    return {
        **shown,
        "is_readable": True,
        "preview": [PreviewDay(on, list(instants)) for on, instants in days],
        "clock_changes": _clock_changes(stated, now),
        "home": stated.timezone,
        "paused_until": stated.paused_until if stated.paused_until and now < stated.paused_until else None,
    }


def _asked_zone(request: HttpRequest) -> ZoneInfo:
    wished = request.POST.get("preview_zone", "")
    return ZoneInfo(wished) if wished in zone_names() else viewer_zone(request)


def _asked_minutes(request: HttpRequest, coach: User) -> int:
    wished = request.POST.get("preview_minutes", "")
    if wished in map(str, LENGTHS):
        return int(wished)
    shortest = Schedule.objects.filter(coach=coach).values_list("shortest_minutes", flat=True).first()
    return shortest or USUAL_MINUTES


def _clock_changes(stated: Availability, now: datetime) -> list[tuple[date, int]]:
    """Dates of the booking window on which the coach's clocks change, with the minutes they go forward."""
    zone = ZoneClock(stated.timezone)
    today = zone.day(minute_of(now))
    uneven = zone.uneven_days(today, today + stated.booking_window_days)
    return [(date_of(day), -longer) for day, longer in uneven.items()]
