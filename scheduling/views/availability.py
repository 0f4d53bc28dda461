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
from scheduling.models import Schedule
from scheduling.queries.preview import preview_starts
from scheduling.rules.availability import Availability
from scheduling.rules.availability_input import parse_availability
from scheduling.rules.wallclock import ZoneClock, date_of, minute_of

USUAL_MINUTES = 60
BAD_REQUEST = 400


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
        stored = read_availability(coach)
        return _page(request, draft_of(stored), stored, now)
    draft = read_draft(request.POST.dict())
    if "add" in request.POST or "remove" in request.POST:
        draft.remove_row(request.POST.get("remove", ""))
        draft.add_row(request.POST.get("add", ""))
        return _page(request, draft, None, now)
    try:
        stated = parse_availability(draft.body(), default_timezone=home_zone(coach))
    except InvalidError as refusal:
        draft.refuse(refusal.extra.get("fields", {}))
        return _page(request, draft, None, now, status=BAD_REQUEST)
    if "preview" in request.POST:
        return _page(request, draft, stated, now)
    replace_availability(coach, stated, by=coach, now=now)
    messages.success(request, "Saved. Candidates see the new times already.")
    return redirect("desk_availability")


def _page(
    request: HttpRequest,
    draft: AvailabilityDraft,
    stated: Availability | None,
    now: datetime,
    *,
    status: int = 200,
) -> HttpResponse:
    """``stated`` is what the form says, where it can be read: only then there is something to preview."""
    context = {
        "here": "desk_availability",
        "editor": editor_of(draft),
        "zones": sorted(zone_names()),
        "now": now,
        **(_preview(request, person_of(request), stated, now) if stated else {}),
    }
    return render(request, "scheduling/availability.html", context, status=status)


def _preview(request: HttpRequest, coach: User, stated: Availability, now: datetime) -> dict[str, Any]:
    wished = request.POST.get("preview_zone", "")
    zone = ZoneInfo(wished) if wished in zone_names() else viewer_zone(request)
    minutes = Schedule.objects.filter(coach=coach).values_list("shortest_minutes", flat=True).first()
    starts = preview_starts(coach.pk, stated, duration_minutes=minutes or USUAL_MINUTES, now=now)
    days = groupby(starts, key=lambda start: start.astimezone(zone).date())
    return {
        "preview_zone": zone.key,
        "preview_minutes": minutes or USUAL_MINUTES,
        "preview": [PreviewDay(on, list(instants)) for on, instants in days],
        "clock_changes": _clock_changes(stated, now),
    }


def _clock_changes(stated: Availability, now: datetime) -> list[tuple[date, int]]:
    """Dates of the booking window on which the coach's clocks change, with the minutes they go forward."""
    zone = ZoneClock(stated.timezone)
    today = zone.day(minute_of(now))
    uneven = zone.uneven_days(today, today + stated.booking_window_days)
    return [(date_of(day), -longer) for day, longer in uneven.items()]
