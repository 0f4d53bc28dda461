"""What payouts announces. Ids only: whoever listens reads the row as it is now."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True)
class PayeeEvent(Event):
    payee_id: int

    @property
    def about(self) -> str:
        return f"payee:{self.payee_id}"


@dataclass(frozen=True)
class PayeeChanged(PayeeEvent):
    """What Stripe lets this payee do, or still needs from him, is another."""


@dataclass(frozen=True)
class ShareReleased(PayeeEvent):
    """A share was sent to its payee, or kept for his debt."""

    share_id: int


@dataclass(frozen=True)
class PayoutChanged(PayeeEvent):
    """A payout was made, moved on, or came back."""

    payout_id: int
