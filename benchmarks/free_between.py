"""Who is free between? Over a hundred thousand coaches, through the ORM and as the statement it makes.

And what grows with their number: the same questions among a thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.coaches import NOW, bookings, month, people, with_schedule
from benchmarks.measure import Measure, milliseconds, once, p95
from benchmarks.scratch import scratch_database

if TYPE_CHECKING:
    from django.db.models import QuerySet

FEW, COACHES, PATTERNS, QUESTIONS, PAGE = 1_000, 100_000, 40, 60, 20
EACH = 10
"""Bookings of a coach: a million altogether."""
Range = tuple[datetime, datetime]

# Everybody else is free when one of the patterns is.
COPY = """
INSERT INTO scheduling_freetimes (coach_id, {columns})
SELECT other, {columns} FROM unnest(%s, %s) AS pairs (other, pattern)
JOIN scheduling_freetimes ON coach_id = pattern
"""


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from accounts.models import User  # noqa: PLC0415  (after setup)

    random = Random(2)  # noqa: S311
    patterns, candidates = people("pattern", PATTERNS), people("candidate", COACHES)
    for person in User.objects.filter(pk__in=patterns):
        with_schedule(person, **_numbers(random))
    _crowd(patterns, people("coach", FEW - PATTERNS), candidates, random)
    among_few = _of_one(patterns[0], random)
    _crowd(patterns, people("other", COACHES - FEW), candidates, random)
    among_all = _of_one(patterns[0], random)
    for name, value in among_all.items():
        detail = f"{among_few[name]:.2f} ms among {FEW:,} coaches, {value:.2f} ms among {COACHES:,}"
        yield Measure(f"growth_{name}", value / among_few[name], "times", 3, "lower", detail)
    yield from _of_all(random)


def _crowd(patterns: list[int], coaches: list[int], candidates: list[int], random: Random) -> None:
    """Others who are free when a pattern is, with sessions behind them; then let the database rest."""
    from django.db import connection  # noqa: PLC0415  (after setup)

    from scheduling.domain.free_times import UPDATED  # noqa: PLC0415

    with connection.cursor() as cursor:
        chosen = [random.choice(patterns) for _ in coaches]
        cursor.execute(COPY.format(columns=", ".join(UPDATED)), [coaches, chosen])
        bookings(coaches, candidates[: len(coaches)], each=EACH, ahead=0)
        cursor.execute("VACUUM ANALYZE scheduling_freetimes, scheduling_booking")


def _of_one(coach: int, random: Random) -> dict[str, float]:
    """Medians of what one person waits for, in milliseconds."""
    from scheduling.domain.windows import rebuild_windows  # noqa: PLC0415  (after setup)
    from scheduling.models import OpenWindow  # noqa: PLC0415
    from scheduling.queries.free import free_within  # noqa: PLC0415
    from scheduling.queries.slots import open_starts  # noqa: PLC0415

    from_at, to_at = month()
    questions = _questions(random)

    def rebuild() -> None:
        OpenWindow.objects.filter(coach=coach).delete()
        rebuild_windows(coach, now=NOW)

    return {
        "rebuild": milliseconds(rebuild, runs=21),
        "slots": milliseconds(
            lambda: open_starts(coach, duration_minutes=60, from_at=from_at, to_at=to_at, now=NOW), runs=21
        ),
        "free_page": milliseconds(
            lambda: list(free_within(questions["four_hours"](), now=NOW)[:PAGE]), runs=41
        ),
    }


def _of_all(random: Random) -> Iterator[Measure]:
    """What a page of the directory asks: how many are free then, and the first of them."""
    from scheduling.queries.free import free_within  # noqa: PLC0415  (after setup)

    for name, question in _questions(random).items():
        through_orm, as_sql, found = [], [], 0
        for _ in range(QUESTIONS):
            asked = free_within(question(), now=NOW)
            through_orm.append(once(partial(_as_a_page, asked)))
            as_sql.append(once(partial(_fetch, *asked.query.sql_with_params())))
            found = max(found, asked.count())
        detail = (
            f"{COACHES:,} coaches, {COACHES * EACH:,} bookings, median {median(through_orm):.1f} ms,"
            f" at most {found:,} found"
        )
        yield Measure(f"free_{name}_p95", p95(through_orm), "ms", 150, "lower", detail)
        ratio = median(through_orm) / median(as_sql)
        yield Measure(f"free_{name}_ratio", ratio, "ratio", 1.5, "lower", f"its SQL {median(as_sql):.1f} ms")


def _numbers(random: Random) -> dict[str, object]:
    return {
        "slot_interval_minutes": random.choice([15, 20, 30, 30, 60]),
        "minimum_notice_minutes": random.choice([60, 720, 1440]),
        "max_per_day": random.choice([None, 5]),
        "weekly": {
            day: [[f"{hour:02}:{random.choice([0, 0, 1])}0", f"{hour + 6:02}:00"]]
            for day in random.sample(["monday", "tuesday", "wednesday", "thursday", "saturday"], 3)
            for hour in [random.randrange(7, 17)]
        },
    }


def _questions(random: Random) -> dict[str, Callable[[], list[Range]]]:
    def of(days: float, minutes: int) -> Range:
        start = NOW + timedelta(days=days, minutes=random.randrange(600))
        return start, start + timedelta(minutes=minutes)

    return {
        "four_hours": lambda: [of(random.randrange(1, 50), 240)],
        "week": lambda: [of(0, 7 * 1440)],
        "evenings": lambda: [of(day, 240) for day in range(7)],
    }


def _as_a_page(asked: QuerySet[Any, Any]) -> tuple[int, list[Any]]:
    return asked.count(), list(asked[:PAGE])


def _fetch(sql: str, params: Any) -> list[tuple[object, ...]]:
    """The same two questions as plain statements."""
    from django.db import connection  # noqa: PLC0415  (after setup)

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) AS found", params)
        count = cursor.fetchall()
        cursor.execute(f"{sql} LIMIT {PAGE}", params)
        return [*count, *cursor.fetchall()]


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line(), flush=True)
