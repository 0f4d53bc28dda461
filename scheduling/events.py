"""What scheduling announces. Ids only: whoever listens reads the row as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class BookingEvent(Event):
    booking_id: UUID

    @property
    def about(self) -> str:
        return f"booking:{self.booking_id}"


@dataclass(frozen=True)
class BookingHeld(BookingEvent):
    """A slot is kept for a candidate who has not paid yet."""


@dataclass(frozen=True)
class BookingRequested(BookingEvent):
    """Paid or free, it waits for the coach's yes."""


@dataclass(frozen=True)
class BookingConfirmed(BookingEvent):
    """Both sides can rely on it."""


@dataclass(frozen=True)
class BookingDeclined(BookingEvent):
    """The coach said no to a request."""


@dataclass(frozen=True)
class BookingExpired(BookingEvent):
    """A hold ran out, or a request was not answered in time."""


@dataclass(frozen=True)
class BookingCancelled(BookingEvent):
    """One side, or the system, gave it up before it began."""


@dataclass(frozen=True)
class BookingCompleted(BookingEvent):
    """Its end has passed without an open report."""


@dataclass(frozen=True)
class HoldWanted(BookingEvent):
    """Somebody wants the time of a lapsed hold that may still be paid: close its payment (rule 12)."""


@dataclass(frozen=True)
class SlotsChanged(Event):
    """What candidates may choose of this coach changed between two instants (half-open)."""

    coach_id: int
    from_at: datetime
    to_at: datetime
