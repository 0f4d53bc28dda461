"""What candidates would see of a schedule that is not saved yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.models import Schedule
from scheduling.queries.openings import A_WEEK_EITHER_SIDE, Openings, taken_rows
from scheduling.rules.availability import NUMBERS, Availability
from scheduling.rules.expansion import expand, plan_of
from scheduling.rules.slots import Piece, Taken
from scheduling.rules.wallclock import instant_of

PREVIEW = timedelta(days=14)


def preview_starts(
    coach_id: int, availability: Availability, *, duration_minutes: int, now: datetime
) -> list[datetime]:
    """The bookable starts of the next 14 days, were this the coach's schedule. One query."""
    numbers = {name: getattr(availability, name) for name in ("timezone", "paused_until", *NUMBERS)}
    schedule = Schedule(coach_id=coach_id, **numbers)
    first, last = (now - timedelta(days=2)).date(), (now + PREVIEW + timedelta(days=3)).date()
    windows = expand(plan_of(availability), first, last)
    rows = taken_rows([coach_id], now - A_WEEK_EITHER_SIDE, now + PREVIEW + A_WEEK_EITHER_SIDE, now)
    found = Openings(
        schedule,
        [Piece(window.start, window.end, window.anchor) for window in windows],
        [Taken(*booking) for _, *booking in rows],
    )
    return [instant_of(minute) for minute in found.starts(duration_minutes, now, now + PREVIEW, now)]
