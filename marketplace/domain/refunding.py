"""Giving back what was paid for one session: the one door from a session to its money."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from marketplace.models import Session
from payments.domain.refunds import refund_percent, refund_up_to
from payments.models import Refund

if TYPE_CHECKING:
    from accounts.models import User


def refund_session(
    session: Session, percent: int, *, reason: str, by: User | None, now: datetime
) -> Refund | None:
    """Give back ``percent`` of what was paid for this session, altogether. None: nothing more is to be given.

    Twice is once. Belongs to the transaction of the verb that decided it; ``by`` None is the system.
    """
    return refund_percent(session.line_id, percent, reason=reason, by=by, now=now)


def refund_session_up_to(
    session: Session, total: int, *, reason: str, by: User, now: datetime
) -> Refund | None:
    """Give back until ``total`` minor units of this session's price have gone back. None when they have.

    Raises:
        InvalidError: more than was paid for it and not lost.
    """
    return refund_up_to(session.line_id, total, reason=reason, by=by, now=now)
