"""Periodic jobs are state-driven: each finds the rows that are due, so a lost message loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from core.log import get_logger

log = get_logger(__name__)
Run = Callable[[datetime], int]
RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Job:
    """``run(now)`` does what is due and answers how many rows it moved; 0 means nothing was due.

    One ``when_quiet`` looks at what the others have left: a tick runs it once, after them.
    """

    name: str
    every: timedelta
    run: Run
    when_quiet: bool = False


JOBS: dict[str, Job] = {}


def periodic(*, every: timedelta, when_quiet: bool = False) -> Callable[[Run], Run]:
    """Register a function of ``now`` in an app's ``tasks.py`` to run ``every`` so often."""

    def bind(run: Run) -> Run:
        JOBS[run.__name__] = Job(run.__name__, every, run, when_quiet)
        return run

    return bind


def each(rows: Iterable[RowT], move: Callable[[RowT], int]) -> int:
    """Move every row; how many moved. One that fails waits for the next run and holds up nobody else."""
    moved = 0
    for row in rows:
        try:
            moved += move(row)
        except Exception:
            log.exception("job.row_failed", move=move.__qualname__, row=str(row))
    return moved
