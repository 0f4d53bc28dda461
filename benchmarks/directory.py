"""The directory over ten thousand coaches with *free between*, beside the statement it makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from statistics import median
from typing import Any

from benchmarks.coaches import NOW
from benchmarks.measure import Measure, once, p95
from benchmarks.scratch import scratch_database

COACHES, BOOKINGS, QUESTIONS, PAGE = 10_000, 200_000, 60, 20


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connection  # noqa: PLC0415  (after setup)

    from marketplace.management.load import load  # noqa: PLC0415
    from marketplace.queries.directory import Filters, search  # noqa: PLC0415

    load(coaches=COACHES, bookings=BOOKINGS, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE scheduling_freetimes")
    random = Random(3)  # noqa: S311
    plain = Filters(free_between=_evening(random))
    asked = {
        "directory_free": lambda: replace(plain, free_between=_evening(random)),
        "directory_free_words": lambda: replace(plain, free_between=_evening(random), q="metrics"),
        "directory_free_facets": lambda: replace(
            plain,
            free_between=_evening(random),
            companies=("google",),
            interview_types=("product-design",),
            price_max=15_000,
        ),
    }
    for name, question in asked.items():
        ours, theirs, found = [], [], 0
        for _ in range(QUESTIONS):
            page = search(question(), now=NOW)[:PAGE]
            ours.append(once(partial(list, page)))
            theirs.append(once(partial(_fetch, *page.query.sql_with_params())))
            found = max(found, len(page))
        detail = f"{COACHES:,} coaches, {QUESTIONS} questions, median {median(ours):.1f} ms, page of {found}"
        yield Measure(f"{name}_p95", p95(ours), "ms", 100, "lower", detail)
        ratio = median(ours) / median(theirs)
        yield Measure(f"{name}_ratio", ratio, "ratio", 2, "lower", f"its SQL {median(theirs):.1f} ms")


def _evening(random: Random) -> tuple[datetime, datetime]:
    start = NOW + timedelta(days=random.randrange(1, 50), minutes=random.randrange(600))
    return start, start + timedelta(hours=4)


def _fetch(sql: str, params: Any) -> list[tuple[object, ...]]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line())
