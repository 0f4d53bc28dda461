"""Open windows as rows, built ahead from the schedule (rule 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from core.events import announce
from core.log import get_logger
from core.periodic import each
from scheduling.domain.free_times import refresh_free_times
from scheduling.events import SlotsChanged
from scheduling.models import Schedule
from scheduling.queries.plan import plans_from
from scheduling.rules.expansion import Plan, Window, expand
from scheduling.rules.wallclock import ZoneClock, date_of, instant_of, minute_of

log = get_logger(__name__)

RESERVE = timedelta(days=4)
"""Built past the booking window: it grows at midnight, a trip's date may be two ahead of the one at home,
and a session may run over into the date after that."""
BEHIND = timedelta(days=2)
"""Built before today: a session may run over from yesterday, and a trip's date may be yet another one."""
SHORTEST_REST = 60
"""Minutes between two rebuilds: on a day of which an hour repeats, midnight may lie behind us."""
MOST_AT_ONCE = 5000
BATCH = 100
"""So many schedules are locked together, for about half a second."""

# By hand, in whole minutes: a row of the ORM takes longer to make than to write.
STORED = """
SELECT coach_id, id, "on", floor(date_part('epoch', lower(period)) / 60)::bigint,
       floor(date_part('epoch', upper(period)) / 60)::bigint,
       floor(date_part('epoch', anchor_at) / 60)::bigint
FROM scheduling_openwindow WHERE coach_id = ANY(%s)
"""
DELETE = "DELETE FROM scheduling_openwindow WHERE id = ANY(%s)"
INSERT = """
INSERT INTO scheduling_openwindow (coach_id, "on", period, anchor_at)
SELECT coach, "on", tstzrange(to_timestamp(start * 60), to_timestamp("end" * 60)), to_timestamp(anchor * 60)
FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[])
     AS wanted (coach, "on", start, "end", anchor)
"""


def rebuild_windows(coach_id: int, *, now: datetime) -> bool:
    """Bring one coach's windows up to date. True when a row had to be changed."""
    return coach_id in rebuild_all([coach_id], now=now)


@transaction.atomic
def rebuild_all(coach_ids: Collection[int], *, now: datetime) -> set[int]:
    """Bring the windows of several coaches up to date together. Answers whose rows had to be changed."""
    # In the order of their keys, so that two batches never wait for each other.
    locked = Schedule.objects.select_for_update().filter(coach_id__in=coach_ids).order_by("coach_id")
    schedules = list(locked)
    known_through = {schedule.coach_id: schedule.built_through for schedule in schedules}
    changed = rebuild(schedules, now=now)
    refresh_free_times(schedules, now=now)
    for coach_id, windows in changed.items():
        known = known_through[coach_id]
        _tell(coach_id, [window for window in windows if known is not None and window.on <= known], now=now)
    return set(changed)


def due_for_rebuild(now: datetime) -> list[int]:
    """Coaches whose midnight has passed since their windows were built, or whose clock was set back."""
    due = Q(rebuild_at__lte=now) | Q(rebuild_at__gt=now + BEHIND)
    found = Schedule.objects.filter(due).order_by("rebuild_at", "coach_id")
    return list(found.values_list("coach_id", flat=True)[:MOST_AT_ONCE])


def is_due(schedule: Schedule, now: datetime) -> bool:
    """The same of one: whether what is built is not what ``now`` asks for."""
    at = schedule.rebuild_at
    return at is None or at <= now or at > now + BEHIND


def rebuild_due(now: datetime) -> int:
    """Rebuild whoever is due, a batch per transaction. Answers how many."""
    due = due_for_rebuild(now)
    return sum(_rebuilt(due[at : at + BATCH], now) for at in range(0, len(due), BATCH))


def _rebuilt(coach_ids: list[int], now: datetime) -> int:
    def alone(coach_id: int) -> int:
        rebuild_all([coach_id], now=now)
        return 1

    try:
        rebuild_all(coach_ids, now=now)
    except Exception:  # one that cannot be built holds up nobody else
        log.warning("windows.batch_failed", coaches=len(coach_ids), exc_info=True)
        return each(coach_ids, alone)
    return len(coach_ids)


def rebuild(schedules: Collection[Schedule], *, now: datetime) -> dict[int, list[Window]]:
    """Write what differs from the schedules: the windows that went or came, by coach; only where some did.

    The caller holds the locks of the rows.
    """
    plans, stored = plans_from(schedules), _stored([schedule.coach_id for schedule in schedules])
    moved = [schedule for schedule in schedules if _reaches_further(schedule, now)]
    Schedule.objects.bulk_update(moved, ["built_through", "rebuild_at"])
    gone: list[int] = []
    new: dict[int, list[Window]] = {}
    changed: dict[int, list[Window]] = {}
    for schedule in schedules:
        coach_id, rows = schedule.coach_id, stored[schedule.coach_id]
        wanted = _wanted(schedule, plans[coach_id], now)
        gone += [pk for window, pk in rows.items() if window not in wanted]
        new[coach_id] = sorted(wanted - rows.keys())
        if differing := [*(rows.keys() - wanted), *new[coach_id]]:
            changed[coach_id] = differing
    _write(gone, new)
    return changed


def _reaches_further(schedule: Schedule, now: datetime) -> bool:
    """Note in the row how far it is built now and until when that is enough; whether that is news."""
    zone = ZoneClock(schedule.timezone)
    today = zone.day(minute_of(now))
    last = date_of(today + schedule.booking_window_days) + RESERVE
    rebuild_at = instant_of(max(zone.midnight(today + 1), minute_of(now) + SHORTEST_REST))
    is_news = (schedule.built_through, schedule.rebuild_at) != (last, rebuild_at)
    schedule.built_through, schedule.rebuild_at = last, rebuild_at
    return is_news


def _wanted(schedule: Schedule, plan: Plan, now: datetime) -> set[Window]:
    last = schedule.built_through
    first = date_of(ZoneClock(schedule.timezone).day(minute_of(now))) - BEHIND
    return set(expand(plan, first, last or first))


def _stored(coach_ids: Collection[int]) -> dict[int, dict[Window, int]]:
    """The keys of the rows there are, by coach."""
    found: dict[int, dict[Window, int]] = {coach_id: {} for coach_id in coach_ids}
    with connection.cursor() as cursor:
        cursor.execute(STORED, [list(coach_ids)])
        for coach_id, pk, *window in cursor.fetchall():
            found[coach_id][Window(*window)] = pk
    return found


def _write(gone: list[int], new: Mapping[int, Iterable[Window]]) -> None:
    rows = [(coach_id, *window) for coach_id, windows in new.items() for window in windows]
    with connection.cursor() as cursor:
        if gone:
            cursor.execute(DELETE, [gone])
        if rows:
            cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])


def _tell(coach_id: int, windows: Iterable[Window], *, now: datetime) -> None:
    """What nobody could see before is no news, and neither is what is over."""
    upcoming = [window for window in windows if window.end > minute_of(now)]
    if upcoming:
        from_at = instant_of(min(window.start for window in upcoming))
        to_at = instant_of(max(window.end for window in upcoming))
        announce(SlotsChanged(at=now, coach_id=coach_id, from_at=from_at, to_at=to_at))
