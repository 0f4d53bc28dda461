"""What payments announces. ``subject`` is the seller's own word for what an order is for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class OrderEvent(Event):
    order_id: UUID
    subject: str

    @property
    def about(self) -> str:
        return self.subject


@dataclass(frozen=True)
class OrderPaid(OrderEvent):
    """An order's money is here. ``late``: it had been closed before, so the seller decides what now."""

    late: bool = False


@dataclass(frozen=True)
class OrderRefunded(OrderEvent):
    """Some or all of an order's money goes back: intended and booked, not yet on the card."""

    refund_id: int


@dataclass(frozen=True)
class RefundSettled(OrderEvent):
    """Stripe said how a refund ended: ``succeeded``, or it failed and the money is a balance now."""

    refund_id: int
    succeeded: bool


@dataclass(frozen=True)
class DisputeChanged(OrderEvent):
    """A buyer's bank opened, asked about, or decided a dispute of one of the order's payments."""

    dispute_id: int


@dataclass(frozen=True)
class CheckoutClosed(OrderEvent):
    """An order's Checkout Session can no longer be paid, because it was ``paid`` or because it is over."""

    paid: bool
