"""What another connection does at the same moment, and how to wait until it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
LONGEST_SECONDS = 20


def until(true: Callable[[], object]) -> None:
    """Wait for something that a thread or another process does."""
    deadline, pause = time.monotonic() + LONGEST_SECONDS, threading.Event()
    while not true():
        assert time.monotonic() < deadline, "it never came"
        pause.wait(0.02)


@contextmanager
def beside(act: Callable[[], T]) -> Iterator[Future[T]]:
    """``act`` on a thread and a connection of its own; it has ended when the block has."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_alone, act)


def at_once(*acts: Callable[[], T]) -> list[T]:
    """All of them at one moment; what each answered."""
    barrier = threading.Barrier(len(acts))

    def together(act: Callable[[], T]) -> T:
        barrier.wait()
        return _alone(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(together, acts))


def _alone(act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        connection.close()


def somebody_waits() -> bool:
    """Whether a connection to this database waits for a lock that another one has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[1])
