"""What candidates would see of a schedule that is not saved yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduling.models import Schedule
from scheduling.queries.openings import openings_of
from scheduling.rules.availability import NUMBERS, Availability
from scheduling.rules.expansion import expand, plan_of
from scheduling.rules.slots import Piece
from scheduling.rules.wallclock import instant_of

PREVIEW = timedelta(days=14)


def preview_starts(
    coach_id: int, availability: Availability, *, duration_minutes: int, now: datetime
) -> list[datetime]:
    """The bookable starts of the next 14 days, were this the coach's schedule. Three queries."""
    numbers = {name: getattr(availability, name) for name in ("timezone", "paused_until", *NUMBERS)}
    wished = Schedule(coach_id=coach_id, **numbers)
    until = now + PREVIEW
    stored = openings_of([wished], from_at=now, to_at=until, now=now)[coach_id]
    windows = expand(
        plan_of(availability), (now - timedelta(days=2)).date(), (until + timedelta(days=3)).date()
    )
    pieces = [Piece(window.start, window.end, window.anchor) for window in windows]
    found = replace(stored, pieces=pieces)
    return [instant_of(minute) for minute in found.starts(duration_minutes, now, until, now)]
