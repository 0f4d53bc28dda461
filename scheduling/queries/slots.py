"""Which starts a candidate may choose. The same for every viewer; instants are aware, in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from scheduling.models import Booking
from scheduling.queries.openings import openings
from scheduling.rules.wallclock import instant_of

SOON = timedelta(days=14)
"""Most next starts lie this near, and alternatives are looked for no further away (rule 11)."""
EVER = timedelta(days=800)


def open_starts(
    coach_id: int,
    *,
    duration_minutes: int,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    without: UUID | None = None,
) -> list[datetime]:
    """The bookable starts with ``from_at ≤ start < to_at``, in order. Four queries.

    ``without`` is a booking that is to be moved: what it takes is free for itself, and the start that it has
    is no other one. One query more.
    """
    found = openings([coach_id], from_at=from_at, to_at=to_at, now=now, without=without).get(coach_id)
    if found is None:
        return []
    starts = [instant_of(minute) for minute in found.starts(duration_minutes, from_at, to_at, now)]
    if without is None:
        return starts
    has = Booking.objects.values_list("starts_at", flat=True).get(pk=without)
    return [start for start in starts if start != has]


def next_start(coach_id: int, duration_minutes: int, now: datetime) -> datetime | None:
    """The first bookable start there is."""
    return next_starts({coach_id: duration_minutes}, now)[coach_id]


def next_starts(durations: Mapping[int, int], now: datetime) -> dict[int, datetime | None]:
    """The first bookable start of each coach, given the minutes of his session. At most eight queries."""
    found = _first_starts(durations, now, now + SOON, now)
    later = {coach_id: minutes for coach_id, minutes in durations.items() if coach_id not in found}
    if later:
        found |= _first_starts(later, now + SOON, now + EVER, now)
    return {coach_id: found.get(coach_id) for coach_id in durations}


def nearest_starts(
    coach_id: int,
    *,
    duration_minutes: int,
    around: datetime,
    now: datetime,
    limit: int = 3,
    without: UUID | None = None,
) -> list[datetime]:
    """The bookable starts nearest to ``around``, at most 14 days away: the earlier on ties, in time order."""
    starts = open_starts(
        coach_id,
        duration_minutes=duration_minutes,
        from_at=around - SOON,
        to_at=around + SOON + timedelta(microseconds=1),
        now=now,
        without=without,
    )
    return sorted(sorted(starts, key=lambda start: (abs(start - around), start))[:limit])


def _first_starts(
    durations: Mapping[int, int], from_at: datetime, to_at: datetime, now: datetime
) -> dict[int, datetime]:
    starts = {
        coach_id: found.starts(durations[coach_id], from_at, to_at, now)
        for coach_id, found in openings(durations.keys(), from_at=from_at, to_at=to_at, now=now).items()
    }
    return {coach_id: instant_of(minutes[0]) for coach_id, minutes in starts.items() if minutes}
