"""The row by which one coach is found when somebody asks who is free (``FreeTimes``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from scheduling.models import FreeTimes, Schedule
from scheduling.queries.openings import Openings, openings_of
from scheduling.rules.slots import Edges
from scheduling.rules.wallclock import DAY, ZoneClock, instant_of, minute_of

QUARTER = 15
UPDATED = [field.name for field in FreeTimes._meta.concrete_fields if not field.primary_key]


@transaction.atomic
def refresh_free_times_of(coach_id: int, *, now: datetime) -> bool:
    """Write the coach's free times as they are now. False where there is no schedule."""
    # Two refreshes at once: the second waits here and then reads what the first one missed.
    schedule = Schedule.objects.select_for_update().filter(coach_id=coach_id).first()
    if schedule is None:
        return False
    refresh_free_times([schedule], now=now)
    return True


def refresh_free_times(schedules: Iterable[Schedule], *, now: datetime) -> None:
    """The same of several coaches, under the caller's locks of their schedules, whose windows are built."""
    schedules = list(schedules)
    selling = [schedule for schedule in schedules if schedule.shortest_minutes is not None]
    others = [schedule.coach_id for schedule in schedules if schedule.shortest_minutes is None]
    if others:
        FreeTimes.objects.filter(coach__in=others).delete()
    if selling:
        rows = _rows(selling, now=now)
        FreeTimes.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["coach"], update_fields=UPDATED
        )


def _rows(schedules: Sequence[Schedule], *, now: datetime) -> list[FreeTimes]:
    edges = {schedule.coach_id: _edges(schedule, now) for schedule in schedules}
    first = min(each.first for each in edges.values())
    end = max(each.end for each in edges.values())
    found = openings_of(schedules, from_at=instant_of(first), to_at=instant_of(end), now=now)
    return [_row(found[coach_id], each, now=now) for coach_id, each in edges.items()]


def _edges(schedule: Schedule, now: datetime) -> Edges:
    zone = ZoneClock(schedule.timezone)
    today = zone.day(minute_of(now))
    return Edges(first=(today - 1) * DAY, end=zone.midnight(today + schedule.booking_window_days + 2))


def _row(found: Openings, edges: Edges, *, now: datetime) -> FreeTimes:
    schedule = found.schedule
    zone = ZoneClock(schedule.timezone)
    today = zone.day(minute_of(now))
    return FreeTimes(
        coach_id=schedule.coach_id,
        **_bits(found.minutes(schedule.shortest_minutes or 0, edges), edges),
        notice_minutes=schedule.minimum_notice_minutes,
        paused_until=schedule.paused_until,
        turns_minute=zone.midnight(today + 1),
        closes_minute=zone.midnight(today + schedule.booking_window_days + 1),
        then_closes_minute=edges.end,
    )


def _bits(starts: Collection[int], edges: Edges) -> dict[str, Any]:
    first, length = edges.first // QUARTER, (edges.end - edges.first) // QUARTER + 1
    on = [start // QUARTER - first for start in starts if start % QUARTER == 0]
    off = [start for start in starts if start % QUARTER]
    return {
        "first_quarter": first,
        "on_quarter": _bit_string(on, length),
        "off_quarter": _bit_string([start // QUARTER - first for start in off], length) if off else None,
        "off_starts": _minutes(off) if off else None,
    }


def _bit_string(positions: Collection[int], length: int) -> str:
    bits = bytearray(b"0" * length)
    for position in positions:
        bits[position] = ord("1")
    return bits.decode()


def _minutes(starts: Iterable[int]) -> str:
    return "{" + ",".join(f"[{start},{start + 1})" for start in starts) + "}"
