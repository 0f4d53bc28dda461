"""A bank that took more than was kept gave its buyer what was going back to him anyway."""

from __future__ import annotations

from datetime import datetime

from payments.domain.pricing import LOSSES, PLATFORM
from payments.models import Dispute, Refund
from payouts.domain import ledger


def let_the_bank_give(refund: Refund, *, now: datetime) -> None:
    """Set lost disputes against a refund that never reached the card: the buyer has that money once.

    Its amount was booked as gone when it was decided, and the dispute as the platform's loss: one of the two
    was never paid. Under the order's lock.
    """
    for dispute in Dispute.objects.filter(payment=refund.payment, excess__gt=0).order_by("pk"):
        part = min(refund.to_send, dispute.excess)
        if part:
            _give(refund, dispute, part, now=now)


def _give(refund: Refund, dispute: Dispute, amount: int, *, now: datetime) -> None:
    dispute.excess -= amount
    dispute.in_place += amount
    dispute.save(update_fields=["excess", "in_place"])
    refund.by_bank += amount
    refund.save(update_fields=["by_bank"])
    source = f"refund:{refund.pk}:{dispute.stripe_id}"
    legs = {PLATFORM: amount, LOSSES: -amount}
    ledger.post("refund_by_bank", source, legs, currency=dispute.currency, now=now)
