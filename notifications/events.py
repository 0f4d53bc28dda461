from __future__ import annotations

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True)
class MailDue(Event):
    """A line of an inbox is to be told by mail as well. Its outbox row is its delivery record."""

    line_id: int
