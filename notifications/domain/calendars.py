"""What somebody is told of a connected calendar."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from core.templatetags.formats import clock, day, zone_label
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.models import Notification
from scheduling.models import ConnectedCalendar, Schedule

FAILED = "scheduling/calendar_failed"
COACH = (
    "Candidates see no times of yours",
    "Your connected calendar “{name}” could not be read since {since}, so nothing is offered.",
)
CANDIDATE = (
    "Your calendar could not be read",
    "Your connected calendar “{name}” could not be read since {since}. Your busy times may be out of date.",
)


def tell_of_failure(calendar_id: int, *, now: datetime) -> None:
    """Tell its owner, once for each time that it falls silent; one disconnected meanwhile is no news."""
    calendar = ConnectedCalendar.objects.select_related("owner").filter(pk=calendar_id).first()
    if calendar is None or calendar.synced_at is None:
        return
    is_coach = Schedule.objects.filter(coach=calendar.owner).exists()
    zone, since = calendar.owner.zone, calendar.synced_at
    values = {
        "name": calendar.name,
        "since": f"{day(since, zone)}, {clock(since, zone)} ({zone_label(zone, since)})",
    }
    title, body = (text.format(**values) for text in (COACH if is_coach else CANDIDATE))
    url = reverse("desk_calendars" if is_coach else "calendars")
    news = News(FAILED, f"{calendar.pk}:{now.isoformat()}", title, body, url)
    tell(calendar.owner, news, now=now)


def failure_letter(line: Notification, _now: datetime) -> Letter | None:
    """Nothing to send when it was disconnected, or answers again."""
    calendar = ConnectedCalendar.objects.filter(pk=int(line.source.partition(":")[0])).first()
    if calendar is None or not calendar.failure:
        return None
    return Letter(facts=[("Calendar", calendar.name), ("What is wrong", calendar.failure)])
