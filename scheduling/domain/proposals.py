"""What becomes of a coach's proposal to move a booking. It is locked by the lock of its booking."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.audit import record
from core.events import announce
from scheduling.events import MoveSettled
from scheduling.models import Booking, MoveProposal
from scheduling.queries.moves import open_proposal
from scheduling.states import ProposalState

if TYPE_CHECKING:
    from accounts.models import User


def settle(proposal: MoveProposal, outcome: ProposalState, *, by: User | None, now: datetime) -> None:
    """Move an open proposal to its end and record it with the booking, whose old time stands."""
    close(proposal, outcome, now=now)
    record(f"move_{outcome}", proposal.booking, by=by, now=now)
    announce(
        MoveSettled(
            at=now, booking_id=proposal.booking_id, proposal_id=proposal.pk, outcome=ProposalState(outcome)
        )
    )


def close(proposal: MoveProposal, outcome: ProposalState, *, now: datetime) -> None:
    proposal.move_to(outcome)
    proposal.answered_at = now
    proposal.save(update_fields=["state", "answered_at"])


def withdraw_open(booking: Booking, *, by: User | None, now: datetime) -> None:
    """The booking ends, or its start is another one: nobody has to answer any more."""
    proposal = open_proposal(booking)
    if proposal is not None:
        settle(proposal, ProposalState.WITHDRAWN, by=by, now=now)
