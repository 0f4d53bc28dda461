"""The row by which one coach is found when somebody asks who is free (``FreeTimes``)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from scheduling.models import FreeTimes, Schedule
from scheduling.queries.openings import openings_of
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
    refresh_free_times(schedule, now=now)
    return True


def refresh_free_times(schedule: Schedule, *, now: datetime) -> None:
    """The same under the caller's lock of the schedule, whose windows are built."""
    if schedule.shortest_minutes is None:
        FreeTimes.objects.filter(coach_id=schedule.coach_id).delete()
        return
    zone = ZoneClock(schedule.timezone)
    today = zone.day(minute_of(now))
    edges = Edges(first=(today - 1) * DAY, end=zone.midnight(today + schedule.booking_window_days + 2))
    found = openings_of([schedule], from_at=instant_of(edges.first), to_at=instant_of(edges.end), now=now)[
        schedule.coach_id
    ]
    starts = found.minutes(schedule.shortest_minutes, edges)
    row = FreeTimes(
        coach_id=schedule.coach_id,
        **_bits(starts, edges),
        notice_minutes=schedule.minimum_notice_minutes,
        paused_until=schedule.paused_until,
        turns_minute=zone.midnight(today + 1),
        closes_minute=zone.midnight(today + schedule.booking_window_days + 1),
        then_closes_minute=edges.end,
    )
    FreeTimes.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["coach"], update_fields=UPDATED
    )


def _bits(starts: Collection[int], edges: Edges) -> dict[str, Any]:
    first, length = edges.first // QUARTER, (edges.end - edges.first) // QUARTER + 1
    on = [start // QUARTER - first for start in starts if start % QUARTER == 0]
    off = [start for start in starts if start % QUARTER]
    return {
        "first_quarter": first,
        "on_quarter": _bit_string(on, length),
        "off_quarter": _bit_string([start // QUARTER - first for start in off], length) if off else None,
        "off_starts": off or None,
    }


def _bit_string(positions: Collection[int], length: int) -> str:
    bits = bytearray(b"0" * length)
    for position in positions:
        bits[position] = ord("1")
    return bits.decode()
