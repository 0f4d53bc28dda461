"""Billing periods: steps of days, weeks, months or years from an anchor, in UTC."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

DAY = 86400
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def step(anchor: int, interval: str, count: int, number: int) -> int:
    """The instant `number` steps of `count` intervals from `anchor`; a month too short ends on its last day.

    Each is counted from the anchor, so one from the 31st comes back to the 31st.
    """
    if interval in DAYS:
        return anchor + number * count * DAYS[interval] * DAY
    return add_months(anchor, number * count * MONTHS[interval])


def add_months(moment: int, months: int) -> int:
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return int(start.replace(year=year, month=month + 1, day=min(start.day, last)).timestamp())


def following(anchor: int, interval: str, count: int, moment: int) -> int:
    """The first step from `anchor` that lies after `moment`."""
    number = _about(anchor, interval, count, moment)
    while step(anchor, interval, count, number) <= moment:
        number += 1
    return step(anchor, interval, count, number)


def _about(anchor: int, interval: str, count: int, moment: int) -> int:
    """A number of steps that is not too many."""
    longest = DAYS.get(interval, 0) or 31 * MONTHS.get(interval, 0)
    return (moment - anchor) // (longest * count * DAY) - 1
