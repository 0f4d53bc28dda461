"""The earnings of a coach with five thousand sessions: the page and the API, beside the SQL they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.measure import Measure, pair
from benchmarks.scratch import scratch_database

SESSIONS, MOST_QUERIES = 5_000, 10
ADDRESSES = {"earnings_page": "/desk/earnings/", "earnings_api": "/api/v1/me/earnings/"}


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connection  # noqa: PLC0415  (after setup)
    from django.test import Client  # noqa: PLC0415

    from core import clock  # noqa: PLC0415
    from tests.marketplace.cast import NOW, coach, offer, person  # noqa: PLC0415
    from tests.marketplace.many import sell_many  # noqa: PLC0415

    ada = coach(person("Ada Okafor"), now=NOW)
    sell_many(offer(ada, now=NOW), person("Ben Adler"), SESSIONS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    browser = Client()
    browser.force_login(ada.user)
    with clock.frozen_at(NOW):
        for name, address in ADDRESSES.items():
            sent = _sent(partial(_get, browser, address))
            if len(sent) > MOST_QUERIES:
                raise AssertionError(f"{address} asks {len(sent)} questions")
            ours, theirs = pair(partial(_get, browser, address), partial(_send, sent))
            detail = f"{SESSIONS:,} sessions, {len(sent)} queries, which alone take {theirs:.1f} ms"
            yield Measure(name, ours, "ms", 150, "lower", detail)


def _get(browser: Any, address: str) -> None:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise AssertionError(answer.content)


def _sent(run: Callable[[], None]) -> list[bytes]:
    """The statements that leave for the database; the first time warms up."""
    from django.db import connection  # noqa: PLC0415

    run()
    sent: list[bytes] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  (Django's signature)
        sent.append(context["cursor"].cursor.mogrify(sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        run()
    return sent


def _send(sent: list[bytes]) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.connection.cursor() as cursor:
        for statement in sent:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line(), flush=True)
