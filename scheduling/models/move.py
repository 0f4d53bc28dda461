from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.states import MovesByTable, Transitions
from scheduling.states import PROPOSAL_MOVES, ProposalState


class MoveProposal(MovesByTable, models.Model):
    """A coach proposes another time for a booking; it holds none (rule 15).

    ``from_at`` is the start that it would replace.
    """

    TRANSITIONS: ClassVar[Transitions] = PROPOSAL_MOVES

    booking = models.ForeignKey("scheduling.Booking", on_delete=models.PROTECT, related_name="proposals")
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.OPEN)
    from_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    proposed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(state=ProposalState.OPEN), name="move_proposal_one_open"
            ),
            models.CheckConstraint(
                name="move_proposal_state", condition=Q(state__in=sorted(ProposalState.values))
            ),
            models.CheckConstraint(
                name="move_proposal_answered_pair",
                condition=Q(state=ProposalState.OPEN, answered_at__isnull=True)
                | (~Q(state=ProposalState.OPEN) & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["from_at"], name="move_proposal_open", condition=Q(state=ProposalState.OPEN)
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.starts_at:%Y-%m-%d %H:%M} UTC, {self.state}"

    @property
    def lapses_at(self) -> datetime:
        """From when on it cannot be answered any more."""
        return self.from_at - settings.PROPOSAL_UNTIL

    def is_over(self, now: datetime) -> bool:
        return now >= self.lapses_at
