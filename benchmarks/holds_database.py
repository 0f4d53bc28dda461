"""Holds per second of two processes: the verb, beside the very statements it sent, sent by psycopg2 alone.

Each process holds slots through the verb and writes down what it sent; the rows are taken away, and the
same statements with the same values are sent once more. Both halves of a pair run on two processes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from multiprocessing import get_context
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.coaches import NOW, bookings, people
from benchmarks.measure import Measure
from benchmarks.scratch import scratch_database

PROCESSES, PAIRS = 2, 5
COACHES, BOOKED = 100, 1000
LONGEST = 120
"""Seconds one process waits for another."""
Statement = tuple[str, Any]


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connections  # noqa: PLC0415  (after setup)

    coaches, candidates = _house()
    connections.close_all()
    forked = get_context("fork")
    barrier = forked.Barrier(PROCESSES, timeout=LONGEST)
    with forked.Pool(PROCESSES, _meet_at, [barrier]) as pool:
        hands = [(number, coaches, candidates) for number in range(PROCESSES)]
        pairs = pool.starmap(_worker, hands, chunksize=1)
    # A pair took as long as its slower process.
    verbs, plains = ([max(times) for times in zip(*half, strict=True)] for half in zip(*pairs, strict=True))
    held = PROCESSES * COACHES
    detail = f"{PROCESSES} processes, {PAIRS} pairs of {held} holds beside {COACHES * BOOKED} bookings"
    yield Measure("holds_database", held / median(verbs), "holds/s", 100, "higher", detail)
    ratio = median(verb / plain for verb, plain in zip(verbs, plains, strict=True))
    yield Measure(
        "holds_database_ratio",
        ratio,
        "times",
        4,
        "lower",
        f"seconds of the verb / of its statements by psycopg2 alone ({held / median(plains):.0f}/s)",
    )


def _house() -> tuple[list[int], list[int]]:
    """Coaches who are open around the clock with many bookings, and a candidate for every hold."""
    from schedule.models import Calendar  # noqa: PLC0415

    from scheduling.domain.policies import current_policy  # noqa: PLC0415
    from scheduling.models import OpenWindow, Schedule  # noqa: PLC0415

    coaches = people("coach", COACHES)
    bookings(coaches, people("booked", COACHES), each=BOOKED, ahead=100)
    calendars = Calendar.objects.bulk_create(Calendar(name=f"{pk}", slug=f"{pk}") for pk in coaches)
    Schedule.objects.bulk_create(
        Schedule(coach_id=pk, calendar=calendar, timezone="UTC", shortest_minutes=60)
        for pk, calendar in zip(coaches, calendars, strict=True)
    )
    midnights = [NOW.replace(hour=0, minute=0) + timedelta(days=day) for day in range(60)]
    OpenWindow.objects.bulk_create(
        OpenWindow(coach_id=pk, on=start.date(), period=(start, start + timedelta(days=1)), anchor_at=start)
        for pk in coaches
        for start in midnights
    )
    current_policy(NOW)
    return coaches, people("candidate", PROCESSES * COACHES)


def _meet_at(barrier: Any) -> None:
    """Processes meet where the one that forked them said."""
    _Here.barrier = barrier


class _Here:
    barrier: Any


def _worker(
    number: int, coaches: Sequence[int], candidates: Sequence[int]
) -> tuple[list[float], list[float]]:
    from accounts.models import User  # noqa: PLC0415

    mine = list(User.objects.filter(pk__in=candidates[number::PROCESSES]))
    verbs, plains = [], []
    tries = [(coach_id, _start(coach_id, number), who) for coach_id, who in zip(coaches, mine, strict=False)]
    for _ in range(PAIRS):
        sent: list[list[Statement]] = []
        verbs.append(_timed(_hold_all, tries, sent))
        _together(number, _take_away)
        plains.append(_timed(_send_all, sent))
        _together(number, _take_away)
    return verbs, plains


def _start(coach_id: int, number: int) -> datetime:
    """A free start on a day of the process's own; the processes meet at the same coaches."""
    from scheduling.queries.slots import open_starts  # noqa: PLC0415

    from_at = NOW + timedelta(days=2 + number)
    starts = open_starts(
        coach_id, duration_minutes=60, from_at=from_at, to_at=from_at + timedelta(hours=20), now=NOW
    )
    return starts[0]


def _hold_all(tries: Sequence[tuple[int, datetime, Any]], sent: list[list[Statement]]) -> None:
    from django.db import connection  # noqa: PLC0415

    from scheduling.domain.holds import hold_slot  # noqa: PLC0415
    from scheduling.domain.terms import SessionTerms  # noqa: PLC0415

    terms = SessionTerms("mock", duration_minutes=60, paid=True, needs_approval=False, terms="mock")
    for coach_id, starts_at, candidate in tries:
        log = _Log()
        with connection.execute_wrapper(log):
            hold_slot(
                coach_id=coach_id,
                candidate=candidate,
                starts_at=starts_at,
                terms=terms,
                timezone="UTC",
                now=NOW,
            )
        sent.append(log.statements)


class _Log:
    """What was sent, with its values."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def __call__(self, execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  (Django's signature)
        self.statements.append((sql, values))
        return execute(sql, values, many, context)


def _send_all(sent: Sequence[Sequence[Statement]]) -> None:
    from django.db import connection  # noqa: PLC0415

    plain = connection.connection
    plain.autocommit = False
    with plain.cursor() as cursor:
        for statements in sent:
            for sql, values in statements:
                cursor.execute(sql, values)
                if cursor.description:
                    cursor.fetchall()
            plain.commit()
    plain.autocommit = True


def _timed(work: Callable[..., None], *arguments: Any) -> float:
    _Here.barrier.wait()
    started = perf_counter()
    work(*arguments)
    return perf_counter() - started


def _together(number: int, once: Callable[[], None]) -> None:
    """One process does it while the others wait."""
    _Here.barrier.wait()
    if number == 0:
        once()
    _Here.barrier.wait()


def _take_away() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_outboxmessage")
        cursor.execute("DELETE FROM core_auditline")
        cursor.execute("DELETE FROM scheduling_booking WHERE state = 'held'")


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line())
