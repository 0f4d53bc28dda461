"""Giving back what was paid for one session: the one door from a session to its money."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from marketplace.models import Session
from payments.domain.refunds import refund_percent
from payments.models import Refund

if TYPE_CHECKING:
    from accounts.models import User


def refund_session(
    session: Session, percent: int, *, reason: str, by: User | None, now: datetime
) -> Refund | None:
    """Give back ``percent`` of what was paid for this session, altogether. None: nothing more is to be given.

    Twice is once. Belongs to the transaction of the verb that decided it; ``by`` None is the system.
    """
    return refund_percent(session.order_id, percent, reason=reason, by=by, now=now)
