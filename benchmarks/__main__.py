"""``make bench``: every measure, one JSON object per line; names given are the only ones run."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module

from benchmarks.measure import Measure
from benchmarks.scratch import scratch_database

BENCHMARKS = [
    "windows",
    "rebuild",
    "slots",
    "free_between",
    "directory",
    "holds_database",
    "ledger",
    "ledger_million",
    "earnings",
    "inbox",
    "intake",
    "chaos",
    "site",
]
"""Each module has ``measures()``, run against an empty database."""

ON_THEIR_OWN = {"intake", "chaos", "site"}
"""They start what they need themselves."""


def main(names: list[str]) -> None:
    for name in names or BENCHMARKS:
        module = import_module(f"benchmarks.{name}")
        if name in ON_THEIR_OWN:
            _print(module.measures())
            continue
        with scratch_database():
            _print(module.measures())


def _print(measures: Iterable[Measure]) -> None:
    for measure in measures:
        print(measure.line(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
