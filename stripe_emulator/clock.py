"""The virtual clock.

Wall time, moved or stopped, by the emulator itself or by a file that somebody else owns.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def iso(moment: datetime | int) -> str:
    """An instant the way v2 writes it: ``2026-11-24T18:30:00.000Z``."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment, UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant with a zone; ``ValueError`` otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return moment.astimezone(UTC)


class Clock:
    """Tells the time.

    With a `path` the file is the owner's: ``{"offset_seconds": 3600.5}``, ``{"frozen_at": ISO}`` or
    nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.offset = timedelta()
        self._frozen_at: datetime | None = None
        self._seen = ""
        self._reading = threading.Lock()
        self._pinned = threading.local()

    def now(self) -> datetime:
        pinned: datetime | None = getattr(self._pinned, "moment", None)
        if pinned is not None:
            return pinned
        if self.path is not None:
            self._refresh()
        return self._frozen_at or datetime.now(UTC) + self.offset

    def timestamp(self) -> int:
        return int(self.now().timestamp())

    def set(self, moment: datetime) -> None:
        """Move our own clock; it goes on running from there."""
        self.offset = moment - datetime.now(UTC)

    @contextmanager
    def pinned(self, moment: datetime) -> Iterator[None]:
        """In this thread it is `moment`: due work happens at its own time, however late it is run."""
        before = getattr(self._pinned, "moment", None)
        self._pinned.moment = moment
        try:
            yield
        finally:
            self._pinned.moment = before

    def _refresh(self) -> None:
        """Read the file every time: two changes within a tick of its timestamp look alike from outside."""
        with self._reading:
            text = self._text()
            if text == self._seen:
                return
            try:
                content = json.loads(text) if text.strip() else {}
                self._apply(content)
            except (ValueError, TypeError, AttributeError):
                return  # the owner is half-way through writing: keep the last good reading and look again
            self._seen = text

    def _text(self) -> str:
        assert self.path is not None
        try:
            return self.path.read_text()
        except FileNotFoundError:
            return ""

    def _apply(self, content: dict[str, Any]) -> None:
        frozen = content.get("frozen_at")
        stopped = parse_instant(frozen) if frozen else None
        offset = timedelta(seconds=float(content.get("offset_seconds") or 0))
        self._frozen_at, self.offset = stopped, offset
