"""What scheduling does about its own news."""

from __future__ import annotations

from core import clock
from core.events import subscribe
from scheduling.domain.free_times import refresh_free_times_of
from scheduling.events import SlotsChanged


@subscribe(SlotsChanged)
def keep_free_times(event: SlotsChanged) -> None:
    """The search sees what was booked or given back a moment ago."""
    refresh_free_times_of(event.coach_id, now=clock.now())
