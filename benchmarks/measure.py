"""A measure, and the stopwatch: medians of several runs, one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Any

RUNS = 7


@dataclass(frozen=True)
class Measure:
    """``better`` is ``lower`` or ``higher`` than the goal."""

    name: str
    value: float
    unit: str
    goal: float
    better: str
    detail: str

    def line(self) -> str:
        """As ``make bench`` prints it."""
        return json.dumps({**asdict(self), "value": round(self.value, 3)})


def milliseconds(run: Callable[[], Any], *, runs: int = RUNS) -> float:
    """The median of several runs, after one that warms up."""
    return median([once(run) for _ in range(runs + 1)][1:])


def pair(ours: Callable[[], Any], theirs: Callable[[], Any], *, runs: int = RUNS) -> tuple[float, float]:
    """Medians of both, taken by turns so that a busy machine slows both alike; the first turn warms up."""
    turns = [(once(ours), once(theirs)) for _ in range(runs + 1)][1:]
    return median([one for one, _ in turns]), median([other for _, other in turns])


def once(run: Callable[[], Any]) -> float:
    """Milliseconds of one call."""
    begun = perf_counter()
    run()
    return (perf_counter() - begun) * 1000


def p95(values: list[float]) -> float:
    """The value that 95 of 100 stay below."""
    return quantiles(values, n=20)[-1]
