"""The same hour week after week."""

from __future__ import annotations

from datetime import datetime

from scheduling.rules.wallclock import DAY, ZoneClock, instant_of, minute_of


def weekly(first: datetime, times: int, zone: str) -> list[datetime]:
    """``times`` starts from ``first`` on, a week apart on the wall of ``zone`` (resolved as rule 2 says).

    So where its clocks change in between, the elapsed time is an hour more or less than a week.
    """
    clock = ZoneClock(zone)
    wall = clock.wall(minute_of(first))
    later = (clock.minute(wall + 7 * DAY * week) for week in range(1, times))
    return [first, *(instant_of(minute) for minute in later)]
