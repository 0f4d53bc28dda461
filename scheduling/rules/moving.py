"""Who may move a confirmed session, and until when (rule 15): pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class MoveRefusal(StrEnum):
    """Why not, as the code that the API tells."""

    NOT_CONFIRMED = "illegal_state"
    TOO_LATE = "too_late_to_move"
    MOVED_BEFORE = "moved_already"


@dataclass(frozen=True, slots=True)
class MayMove:
    """Whether somebody may ask for another time at an instant.

    ``until`` is the last instant for it; ``late`` says that it counts, and lowers what a later cancellation
    gives back; ``needs_consent`` that it is a proposal to the other side.
    """

    until: datetime
    late: bool = False
    needs_consent: bool = False
    refusal: MoveRefusal | None = None

    def refused(self, why: MoveRefusal) -> MayMove:
        return replace(self, refusal=why)


def candidate_may(
    starts_at: datetime,
    *,
    freely: timedelta,
    at_all: timedelta,
    late_moves: int,
    most_late_moves: int,
    now: datetime,
) -> MayMove:
    """Alone: as often as he likes while the start is ``freely`` away, then some times, until ``at_all``."""
    ahead, is_spent = starts_at - now, late_moves >= most_late_moves
    late = ahead < freely
    until = starts_at - (freely if is_spent else at_all)
    may = MayMove(until, late=late)
    if ahead < at_all:
        return may.refused(MoveRefusal.TOO_LATE)
    return may.refused(MoveRefusal.MOVED_BEFORE) if late and is_spent else may


def coach_may(starts_at: datetime, *, answered_before: timedelta, now: datetime) -> MayMove:
    """By a proposal, while there is time to answer it: more than ``answered_before``."""
    may = MayMove(starts_at - answered_before, needs_consent=True)
    return may.refused(MoveRefusal.TOO_LATE) if now >= may.until else may
