"""What a seller tells scheduling about a session: how long, and how it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class SessionTerms:
    """The seller's words for one session.

    ``offer`` names what was chosen; ``terms`` everything that makes two tries the same one (offer, code,
    credit): scheduling compares both and knows no more. ``paid`` says that money is still to come, so the
    slot is held for it; ``needs_approval`` that the coach has to say yes.
    """

    offer: str
    duration_minutes: int
    paid: bool
    needs_approval: bool
    terms: str

    def end_of(self, starts_at: datetime) -> datetime:
        return starts_at + timedelta(minutes=self.duration_minutes)
