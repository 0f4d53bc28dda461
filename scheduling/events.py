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
class BookingMissed(BookingEvent):
    """It is settled that one side did not come; the state says which."""


@dataclass(frozen=True)
class BookingMoved(BookingEvent):
    """It takes place at another time; ``from_at`` was its start."""

    from_at: datetime


@dataclass(frozen=True)
class MoveProposed(BookingEvent):
    """The coach asks for another time."""

    proposal_id: int


@dataclass(frozen=True)
class MoveSettled(BookingEvent):
    """A proposal was refused or withdrawn, or lapsed: the old time stands. ``outcome`` is its state."""

    proposal_id: int
    outcome: str


@dataclass(frozen=True)
class ReportMade(BookingEvent):
    """One side reports a no-show or disputes the session."""

    report_id: int


@dataclass(frozen=True)
class ReportContested(BookingEvent):
    """The two sides do not agree about a report: operations decide."""

    report_id: int


@dataclass(frozen=True)
class ReportDecided(BookingEvent):
    """A report was upheld, by itself or by operations, or rejected."""

    report_id: int
    upheld: bool


@dataclass(frozen=True)
class SessionNear(BookingEvent):
    """A confirmed session starts in ``minutes_before``: time to remind both sides."""

    minutes_before: int


@dataclass(frozen=True)
class HoldWanted(BookingEvent):
    """Somebody wants the time of a lapsed hold that may still be paid: close its payment (rule 12)."""


@dataclass(frozen=True)
class TimeFreed(Event):
    """A coach's time that was taken is free again (half-open): who waits for it comes first (rule 18)."""

    coach_id: int
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True)
class CalendarFailed(Event):
    """A connected calendar could not be read for so long that its owner offers nothing."""

    calendar_id: int


@dataclass(frozen=True)
class SlotsChanged(Event):
    """What candidates may choose of this coach changed between two instants (half-open)."""

    coach_id: int
    from_at: datetime
    to_at: datetime
