"""A coach-month of windows from their rows, beside django-scheduler's own expansion of the same calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.coaches import NOW, month, people, with_schedule
from benchmarks.measure import Measure, pair
from benchmarks.scratch import scratch_database

EXCEPTIONS = {
    "rules": [
        {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "from": "2026-01-03", "windows": [["10:00", "14:00"]]}
    ],
    "overrides": [
        {"date": "2026-12-07", "windows": []},
        {"date": "2026-12-08", "windows": [["18:00", "20:00"]]},
    ],
}


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from schedule.models import Event  # noqa: PLC0415  (after setup)
    from schedule.periods import Period  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from scheduling.models import Schedule  # noqa: PLC0415
    from scheduling.queries.openings import window_rows  # noqa: PLC0415
    from scheduling.rules.wallclock import minute_of  # noqa: PLC0415

    [coach] = people("coach", 1)
    with_schedule(User.objects.get(pk=coach), timezone="UTC", **EXCEPTIONS)
    calendar = Schedule.objects.get(coach=coach).calendar
    # Its expansion walks from an event's first date: let that be a year ago, not the beginning of our time.
    for event in Event.objects.filter(calendar=calendar, title="weekly"):
        weeks = (NOW - event.start) // timedelta(weeks=1) - 52
        event.start += timedelta(weeks=weeks)
        event.end += timedelta(weeks=weeks)
        event.save()
    from_at, to_at = month()
    asked = range(minute_of(from_at), minute_of(to_at))

    def ours() -> list[tuple[int, int]]:
        rows = window_rows([coach], from_at, to_at)
        return sorted((start, end) for _, start, end, _ in rows if start < asked.stop and end > asked.start)

    def theirs() -> list[Any]:
        found = Period(Event.objects.filter(calendar=calendar), from_at, to_at).get_occurrences()
        return [each for each in found if not each.cancelled]

    if ours() != sorted((minute_of(each.start), minute_of(each.end)) for each in theirs()):
        raise AssertionError("The two calendars differ.")
    mine, scheduler = pair(ours, theirs, runs=41)
    detail = f"{len(ours())} windows: {mine:.2f} ms from rows, {scheduler:.1f} ms by django-scheduler"
    yield Measure("windows_speedup", scheduler / mine, "times", 20, "higher", detail)


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line())
