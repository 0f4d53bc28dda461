"""The one clock. In development a file under ``var/`` moves it for site, jobs, commands and emulator.

The file holds ``{"offset_seconds": 3600.5}`` (the wall clock plus an offset) or
``{"frozen_at": "2026-11-24T18:30:00Z"}`` (it stands still); no file means the wall clock.
Production has no such file: ``CLOCK_FILE`` is ``None`` there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict, cast

from django.conf import settings


class State(TypedDict, total=False):
    """What the clock file says."""

    offset_seconds: float
    frozen_at: str


def now() -> datetime:
    """The present instant, aware, in UTC."""
    state = _read()
    if "frozen_at" in state:
        return datetime.fromisoformat(state["frozen_at"])
    return datetime.now(UTC) + timedelta(seconds=state.get("offset_seconds", 0))


def set_to(instant: datetime) -> None:
    """Let the clock show ``instant`` now and run on from there."""
    _write({"offset_seconds": (instant - datetime.now(UTC)).total_seconds()})


def advance(by: timedelta) -> None:
    """Move the clock forward (or back) by ``by``; it runs on."""
    set_to(now() + by)


def reset() -> None:
    """Back to the wall clock."""
    _path().unlink(missing_ok=True)


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Time stands still at ``instant`` for everyone who reads this clock, then is as before."""
    before = _read()
    _write({**before, "frozen_at": instant.astimezone(UTC).isoformat()})
    try:
        yield
    finally:
        _restore(before)


def thaw() -> None:
    """Let time run again after somebody was killed who had stopped it; the offset from before holds."""
    state = _read()
    if "frozen_at" in state:
        del state["frozen_at"]
        _restore(state)


def _restore(state: State) -> None:
    if state:
        _write(state)
    else:
        reset()


class ClockRefusedError(RuntimeError):
    """Somebody tried to move the clock where only the wall clock is allowed."""


def _file() -> Path | None:
    return cast("Path | None", settings.CLOCK_FILE)


def _path() -> Path:
    path = _file()
    if path is None:
        raise ClockRefusedError("The clock can be moved in development only.")
    return path


def _read() -> State:
    path = _file()
    if path is None:
        return {}
    try:
        return cast("State", json.loads(path.read_text()))
    except FileNotFoundError:
        return {}


def _write(state: State) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readers in other processes see the old file or the new one, never half of one.
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_text(json.dumps(state))
    draft.replace(path)
