"""What the marketplace announces. Ids only: whoever listens reads the row as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class SessionEvent(Event):
    booking_id: UUID

    @property
    def about(self) -> str:
        return f"booking:{self.booking_id}"


@dataclass(frozen=True)
class ScorecardDelivered(SessionEvent):
    """The coach delivered the scorecard for the first time."""


@dataclass(frozen=True)
class SessionReviewed(SessionEvent):
    """One side reviewed the other."""

    side: str


@dataclass(frozen=True)
class WaitlistOffered(SessionEvent):
    """A time became free and is held for somebody who waited for it."""


@dataclass(frozen=True)
class PaymentReturned(SessionEvent):
    """A payment came for something that was given up, and goes back in full. ``reason`` is a code."""

    reason: str
