"""Open windows as rows, built ahead from the schedule (rule 4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Q

from core.events import announce
from scheduling.domain.free_times import refresh_free_times
from scheduling.events import SlotsChanged
from scheduling.models import OpenWindow, Schedule
from scheduling.queries.minutes import Lower, MinuteOf, Upper
from scheduling.queries.plan import plan_from
from scheduling.rules.expansion import Span, Window, expand
from scheduling.rules.wallclock import ZoneClock, date_of, instant_of, minute_of

RESERVE = timedelta(days=2)
"""Built past the booking window, which grows at midnight; and a trip's dates are not those at home."""
BEHIND = timedelta(days=2)
"""Built before today: a session may run over from yesterday, and a trip's date may be yet another one."""
SHORTEST_REST = 60
"""Minutes between two rebuilds: on a day of which an hour repeats, midnight may lie behind us."""


@transaction.atomic
def rebuild_windows(coach_id: int, *, now: datetime) -> bool:
    """Bring one coach's windows up to date. True when a row had to be changed."""
    schedule = Schedule.objects.select_for_update().filter(coach_id=coach_id).first()
    if schedule is None:
        return False
    known_through = schedule.built_through
    changed = rebuild(schedule, now=now)
    refresh_free_times(schedule, now=now)
    known = [span for on, span in changed if known_through is not None and on <= known_through]
    upcoming = [span for span in known if span.end > minute_of(now)]
    if upcoming:
        announce(
            SlotsChanged(
                at=now,
                coach_id=coach_id,
                from_at=instant_of(min(span.start for span in upcoming)),
                to_at=instant_of(max(span.end for span in upcoming)),
            )
        )
    return bool(changed)


def due_for_rebuild(now: datetime) -> list[int]:
    """Coaches whose midnight has passed since their windows were built, or whose clock was set back."""
    due = Q(rebuild_at__lte=now) | Q(rebuild_at__gt=now + BEHIND)
    return list(Schedule.objects.filter(due).order_by("rebuild_at").values_list("coach_id", flat=True)[:500])


def rebuild(schedule: Schedule, *, now: datetime) -> list[tuple[date, Span]]:
    """Write what differs from the schedule and answer it, by local date. The caller holds the row's lock."""
    zone = ZoneClock(schedule.timezone)
    today = zone.day(minute_of(now))
    first = date_of(today) - BEHIND
    last = date_of(today + schedule.booking_window_days) + RESERVE
    wanted = set(expand(plan_from(schedule), first, last))
    stored = _stored(schedule.coach_id)
    gone, new = stored.keys() - wanted, sorted(wanted - stored.keys())
    OpenWindow.objects.filter(pk__in=[stored[window] for window in gone]).delete()
    OpenWindow.objects.bulk_create(_row(schedule.coach_id, window) for window in new)
    rebuild_at = instant_of(max(zone.midnight(today + 1), minute_of(now) + SHORTEST_REST))
    if (schedule.built_through, schedule.rebuild_at) != (last, rebuild_at):
        schedule.built_through, schedule.rebuild_at = last, rebuild_at
        schedule.save(update_fields=["built_through", "rebuild_at"])
    return [(window.on, Span(window.start, window.end)) for window in (*gone, *new)]


def _stored(coach_id: int) -> dict[Window, int]:
    rows = OpenWindow.objects.filter(coach_id=coach_id).values_list(
        "on", MinuteOf(Lower(F("period"))), MinuteOf(Upper(F("period"))), MinuteOf(F("anchor_at")), "pk"
    )
    return {Window(*window): pk for *window, pk in rows}


def _row(coach_id: int, window: Window) -> OpenWindow:
    period = DateTimeTZRange(instant_of(window.start), instant_of(window.end))
    return OpenWindow(coach_id=coach_id, on=window.on, period=period, anchor_at=instant_of(window.anchor))
