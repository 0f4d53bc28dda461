"""A second payment for one order: booked as the buyer's, and on its way back in the same breath."""

from __future__ import annotations

from datetime import datetime

from payments.domain.pricing import PLATFORM, customer_balance
from payments.domain.refunds import send
from payments.models import CheckoutSession, Refund
from payouts.domain import ledger


def give_back_surplus(session: CheckoutSession, *, now: datetime) -> Refund:
    """Refund the whole payment of a session whose order had been paid before. It touches no share."""
    order = session.order
    buyer = customer_balance(order.buyer_id)
    arrived = {PLATFORM: order.card, buyer: -order.card}
    ledger.post("surplus", f"checkout:{session.pk}", arrived, currency=order.currency, now=now)
    refund = Refund.objects.create(
        order=order,
        payment=session,
        amount=order.card,
        card=order.card,
        balance=0,
        reason="paid twice",
        created_at=now,
    )
    gone = {buyer: order.card, PLATFORM: -order.card}
    ledger.post("refund", f"refund:{refund.pk}", gone, currency=order.currency, now=now)
    send(refund, now=now)
    return refund
