"""Rebuilding windows: one coach at a time for sixty days, and the night of ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from time import perf_counter

from benchmarks.coaches import NOW, people, with_schedule
from benchmarks.measure import Measure, once, p95
from benchmarks.scratch import scratch_database

COACHES, BOOKINGS, RUNS = 10_000, 200_000, 41
A_DAY_ON = NOW + timedelta(days=1)
"""Everywhere a midnight has passed."""
BODY = {
    "rules": [
        {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "from": "2026-01-03", "windows": [["10:00", "14:00"]]}
    ],
    "overrides": [
        {"date": "2026-12-07", "windows": []},
        {"date": "2026-12-08", "windows": [["18:00", "20:00"]]},
    ],
    "time_off": [{"starts_at": "2026-12-24T00:00:00Z", "ends_at": "2027-01-04T00:00:00Z"}],
}


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from accounts.models import User  # noqa: PLC0415  (after setup)
    from marketplace.management.load import load  # noqa: PLC0415

    load(coaches=COACHES, bookings=BOOKINGS, now=NOW)
    [coach] = people("berlin", 1)
    with_schedule(User.objects.get(pk=coach), **BODY)
    yield from _one(coach)
    yield _night()


def _one(coach: int) -> Iterator[Measure]:
    from scheduling.domain.windows import rebuild_windows  # noqa: PLC0415
    from scheduling.models import OpenWindow, Schedule, TimeOff  # noqa: PLC0415

    schedule = Schedule.objects.get(coach=coach)
    away = NOW + timedelta(days=9)

    def everything(turn: int) -> None:
        Schedule.objects.filter(pk=schedule.pk).update(
            timezone=["America/New_York", "Europe/Berlin"][turn % 2]
        )

    def one_day(turn: int) -> None:
        if turn % 2:
            TimeOff.objects.filter(schedule=schedule, starts_at=away).delete()
        else:
            TimeOff.objects.create(schedule=schedule, starts_at=away, ends_at=away + timedelta(hours=5))

    changes: dict[str, tuple[Callable[[int], None], int]] = {"all": (everything, 20), "day": (one_day, 8)}
    rows = OpenWindow.objects.filter(coach=coach).count()
    for name, (change, goal) in changes.items():
        taken = []
        for turn in range(2 * RUNS):
            change(turn)
            taken.append(once(lambda: rebuild_windows(coach, now=NOW)))
        detail = f"{rows} windows of 60 days, p95 {p95(taken):.1f} ms"
        yield Measure(f"rebuild_{name}_p50", median(taken), "ms", goal, "lower", detail)


def _night() -> Measure:
    from scheduling.tasks import rebuild_due_windows  # noqa: PLC0415  (after setup)

    begun, built = perf_counter(), 0
    while moved := rebuild_due_windows(A_DAY_ON):
        built += moved
    seconds = perf_counter() - begun
    if built != COACHES + 1:
        raise AssertionError(f"{built} were built of {COACHES + 1}.")
    detail = f"{built:,} coaches in one process, {seconds / built * 1000:.2f} ms each"
    return Measure("rebuild_night", seconds, "s", 300, "lower", detail)


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line(), flush=True)
