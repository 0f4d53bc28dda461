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
        self._seen: tuple[int, int, int] | None = None
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
        with self._reading:
            seen = self._stat()
            if seen == self._seen:
                return
            try:
                self._apply(self._read())
            except (ValueError, TypeError):
                return  # the owner is half-way through writing: keep the last good reading and look again
            self._seen = seen

    def _stat(self) -> tuple[int, int, int] | None:
        assert self.path is not None
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> dict[str, Any]:
        assert self.path is not None
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return {}
        content = json.loads(text) if text.strip() else {}
        if not isinstance(content, dict):
            raise TypeError("the clock file holds no object")
        return content

    def _apply(self, content: dict[str, Any]) -> None:
        frozen = content.get("frozen_at")
        self._frozen_at = parse_instant(frozen) if frozen else None
        self.offset = timedelta(seconds=float(content.get("offset_seconds") or 0))
