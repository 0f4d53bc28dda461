"""Questions about proposed moves."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from scheduling.models import Booking, MoveProposal
from scheduling.states import ProposalState


def waiting_proposals(now: datetime) -> QuerySet[MoveProposal]:
    """Those that can still be answered: one whose time is over may be open until a job has come by."""
    return MoveProposal.objects.filter(state=ProposalState.OPEN, from_at__gt=now + settings.PROPOSAL_UNTIL)


def open_proposal(booking: Booking) -> MoveProposal | None:
    """The coach's proposal that waits for the candidate's answer; there is at most one."""
    return booking.proposals.filter(state=ProposalState.OPEN).first()


def answerable_proposal(booking: Booking, *, now: datetime) -> MoveProposal | None:
    """The one of this booking that can still be answered."""
    return waiting_proposals(now).filter(booking=booking).first()


def last_proposal(booking: Booking) -> MoveProposal | None:
    """The newest one, whatever became of it."""
    return booking.proposals.order_by("-pk").first()


def due_proposals(now: datetime) -> list[int]:
    """Open ones whose time to answer is over."""
    unanswered = MoveProposal.objects.filter(state=ProposalState.OPEN)
    over = unanswered.filter(from_at__lte=now + settings.PROPOSAL_UNTIL).order_by("from_at")
    return list(over.values_list("pk", flat=True))


def cancels_freely_until(booking: Booking) -> datetime | None:
    """Until when the candidate may give up what its coach wanted to move: he said no (rule 15).

    The right belongs to the start that was to be moved: who then moves the session himself has chosen anew.
    """
    refused = booking.proposals.filter(state=ProposalState.REFUSED, from_at=booking.starts_at)
    return booking.starts_at - settings.PROPOSAL_UNTIL if refused.exists() else None
