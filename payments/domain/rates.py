"""The platform's rate: a guess until the seller's promise is made, then frozen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from payments.domain.pricing import locked_line, reprice
from payments.models import OrderLine
from payouts.domain import ledger


@transaction.atomic
def freeze_rate(line_id: int, rate_bp: int, *, now: datetime) -> OrderLine:
    """Fix the rate of a line, once; where it was paid, its share and fee follow if the rate differs.

    Belongs to the transaction of the promise: a booking confirmed, a package paid.
    """
    line = locked_line(line_id)
    if line.rate_frozen_at is not None:
        return line
    line.rate_bp, line.rate_frozen_at = rate_bp, now
    line.save(update_fields=["rate_bp", "rate_frozen_at"])
    if line.order.is_paid:
        legs = reprice(line, now=now)
        ledger.post("rate", line.share_source, legs, currency=line.order.currency, now=now)
    return line
