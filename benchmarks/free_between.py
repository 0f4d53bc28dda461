"""Who is free between? Over ten thousand coaches, through the ORM and as the statement it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from statistics import median
from typing import Any

from benchmarks.coaches import NOW, bookings, people, with_schedule
from benchmarks.measure import Measure, once, p95
from benchmarks.scratch import scratch_database

COACHES, PATTERNS, QUESTIONS = 10_000, 40, 60
Range = tuple[datetime, datetime]

# Everybody else is free when one of the patterns is.
COPY = """
INSERT INTO scheduling_freetimes (coach_id, {columns})
SELECT other, {columns} FROM unnest(%s, %s) AS pairs (other, pattern)
JOIN scheduling_freetimes ON coach_id = pattern
"""


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connection  # noqa: PLC0415  (after setup)

    from accounts.models import User  # noqa: PLC0415
    from scheduling.domain.free_times import UPDATED, refresh_free_times_of  # noqa: PLC0415
    from scheduling.queries.free import free_within  # noqa: PLC0415

    random = Random(2)  # noqa: S311
    coaches, candidates = people("coach", COACHES), people("candidate", PATTERNS)
    patterns, others = coaches[:PATTERNS], coaches[PATTERNS:]
    for person in User.objects.filter(pk__in=patterns):
        with_schedule(person, **_numbers(random))
    bookings(patterns, candidates, each=150, ahead=100)
    for coach in patterns:
        refresh_free_times_of(coach, now=NOW)
    columns = ", ".join(UPDATED)
    with connection.cursor() as cursor:
        cursor.execute(COPY.format(columns=columns), [others, [random.choice(patterns) for _ in others]])
        cursor.execute("VACUUM ANALYZE scheduling_freetimes")

    for name, question in _questions(random).items():
        through_orm, as_sql, found = [], [], 0
        for _ in range(QUESTIONS):
            asked = free_within(question(), now=NOW)
            through_orm.append(once(partial(list, asked)))
            as_sql.append(once(partial(_fetch, *asked.query.sql_with_params())))
            found = len(asked)
        detail = (
            f"{COACHES:,} coaches, {QUESTIONS} questions, median {median(through_orm):.1f} ms, {found} found"
        )
        yield Measure(f"free_{name}_p95", p95(through_orm), "ms", 100, "lower", detail)
        ratio = median(through_orm) / median(as_sql)
        yield Measure(f"free_{name}_ratio", ratio, "ratio", 2, "lower", f"its SQL {median(as_sql):.1f} ms")


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


def _fetch(sql: str, params: Any) -> list[tuple[object, ...]]:
    from django.db import connection  # noqa: PLC0415  (after setup)

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line())
