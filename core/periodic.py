"""Periodic jobs are state-driven: each finds the rows that are due, so a lost message loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

Run = Callable[[datetime], int]


@dataclass(frozen=True)
class Job:
    """``run(now)`` does what is due and answers how many rows it moved; 0 means nothing was due."""

    name: str
    every: timedelta
    run: Run


JOBS: dict[str, Job] = {}


def periodic(*, every: timedelta) -> Callable[[Run], Run]:
    """Register a function of ``now`` in an app's ``tasks.py`` to run ``every`` so often."""

    def bind(run: Run) -> Run:
        JOBS[run.__name__] = Job(run.__name__, every, run)
        return run

    return bind
