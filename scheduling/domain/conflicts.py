"""What stands in the way of taking a time, and what may be cleared away in passing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.errors import DomainError
from core.instants import instant_json
from scheduling.domain.arrows import expire
from scheduling.models import Booking


class InTheWayError(DomainError):
    """Live bookings are in the way. ``wanted``: those that lapsed but may still be paid (rule 12)."""

    def __init__(self, *, wanted: Sequence[UUID] = (), **extra: Any) -> None:
        super().__init__(**extra)
        self.wanted = tuple(wanted)


class SlotTakenError(InTheWayError):
    """Somebody else has it. ``alternatives``: the nearest free starts, in time order, at most three."""

    code = "slot_taken"
    message = "Somebody else was faster. Please choose another time."

    def __init__(self, *, wanted: Sequence[UUID] = ()) -> None:
        super().__init__(wanted=wanted)
        self.offer([])

    def offer(self, alternatives: Sequence[datetime]) -> None:
        self.alternatives = list(alternatives)
        self.extra["alternatives"] = [instant_json(start) for start in self.alternatives]


class CandidateBusyError(InTheWayError):
    """The candidate has a session elsewhere at that time, named by ``booking``."""

    code = "candidate_busy"
    message = "You already have a session at that time."

    def __init__(self, booking: Booking, *, wanted: Sequence[UUID] = ()) -> None:
        super().__init__(wanted=wanted, booking=str(booking.pk))
        self.booking = booking


def make_way(wanted: Booking, *, now: datetime) -> None:
    """Expire what lapsed and can no longer be paid, and refuse when anything else is in the way.

    Raises:
        SlotTakenError: the coach's time is taken.
        CandidateBusyError: the candidate's own time is, elsewhere.
    """
    rivals = list(Booking.objects.in_the_way(wanted))
    lapsed = [rival.pk for rival in rivals if _can_be_cleared(rival, now)]
    if lapsed:
        for rival in Booking.objects.select_for_update().filter(pk__in=lapsed).order_by("pk"):
            # Read again under its lock: it may have been paid since.
            if _can_be_cleared(rival, now):
                expire(rival, now=now)
        rivals = list(Booking.objects.in_the_way(wanted))
    refuse_if_any(rivals, wanted, now=now)


def refuse_if_any(rivals: Sequence[Booking], wanted: Booking, *, now: datetime) -> None:
    """The refusal that ``rivals`` mean for ``wanted``; an overlap with the coach's bookings counts first."""
    if not rivals:
        return
    unclosed = [rival.pk for rival in rivals if rival.is_lapsed_hold(now)]
    if any(rival.coach_id == wanted.coach_id for rival in rivals):
        raise SlotTakenError(wanted=unclosed)
    raise CandidateBusyError(rivals[0], wanted=unclosed)


def _can_be_cleared(rival: Booking, now: datetime) -> bool:
    """What was offered to one who waited goes to the next who waits, never to whoever passes by (rule 18)."""
    return rival.is_lapsed_hold(now) and not rival.guarded and not rival.from_waitlist
