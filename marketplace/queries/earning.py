"""One line of a coach's earnings, explained: why this fee, held until when and why, what moved when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core.errors import NotFoundError
from core.money import Money
from core.templatetags.formats import percent
from marketplace.models import Session
from marketplace.queries.earnings import EarningRow, earning_rows, sold_by
from payments.models import OrderLine
from payments.queries.earnings import entry_sources
from payouts.models import Payee, Share
from payouts.queries.history import share_history
from payouts.queries.statements import Line
from payouts.queries.told import told
from payouts.rules import Movement
from payouts.states import ShareState

WHOLE_ORDER = {"pay", "dispute_lost"}
"""Entries of an order: where it sold several sessions, their amounts are of all of them."""


@dataclass(frozen=True)
class Event:
    """Something that happened to the money of a line; ``amount`` is None where the words say it all."""

    at: datetime
    what: str
    amount: Money | None
    is_bad: bool


@dataclass(frozen=True)
class Explanation:
    row: EarningRow
    rate: str
    rate_reason: str
    wait_reason: str
    is_done: bool
    events: list[Event]


def explained(payee: Payee, share_id: int) -> Explanation:
    """All there is to know of one line of a payee's.

    Raises:
        NotFoundError: none of his.
    """
    shares = Share.objects.filter(payee=payee, pk=share_id)
    sold = sold_by(payee).of_shares(shares.values("source"))
    line, share = sold.first(), shares.first()
    if line is None or share is None:
        raise NotFoundError
    [row] = earning_rows(payee, sold)
    is_one_of_many = OrderLine.objects.filter(order=line.order_id, payee=payee).count() > 1
    history = share_history(payee, share, entry_sources(line))
    return Explanation(
        row=row,
        rate=percent(line.rate_bp),
        rate_reason=_rate_reason(line, row.session),
        wait_reason=_wait_reason(share, row.session, payee),
        is_done=share.state not in {ShareState.HELD, ShareState.FROZEN},
        events=[_event(entry, row, history, is_one_of_many=is_one_of_many) for entry in history],
    )


def _rate_reason(line: OrderLine, session: Session) -> str:
    if line.rate_frozen_at is None:
        return "It is fixed when the booking is confirmed."
    if line.rate_bp == settings.PRIVATE_LINK_RATE_BP:
        first = "This session" if session.private_link else "The first paid session with this candidate"
        return f"{first} was booked from your private link."
    if line.rate_bp == settings.EXPERIENCED_RATE_BP:
        held = settings.EXPERIENCED_AFTER_SESSIONS
        return f"You had completed {held} paid sessions when this one was confirmed."
    return "The usual fee, fixed when the booking was confirmed."


def _wait_reason(share: Share, session: Session, payee: Payee) -> str:
    """Why a share is held until then, or not sent although it is due."""
    if share.state == ShareState.FROZEN:
        return "It is frozen until an open report or dispute is decided."
    if share.state != ShareState.HELD:
        return ""
    if share.release_at is None:
        return "It is held until the booking is confirmed."
    if not payee.can_receive:
        return "Stripe cannot take it before your account is set up: it waits for you, and is safe."
    return _due_reason(share.release_at, session)


def _due_reason(release_at: datetime, session: Session) -> str:
    ends_at = session.booking.ends_at
    scorecard = getattr(session, "scorecard", None)
    if release_at == ends_at + settings.RELEASE_LATEST:
        if scorecard is None:
            return (
                "7 days after the session. Your scorecard brings it forward to 72 hours after you write it."
            )
        return "7 days after the session, the longest a share is held."
    if scorecard is not None and scorecard.delivered_at > ends_at:
        return "72 hours after your scorecard."
    return "72 hours after the end of the session."


def _event(entry: Line, row: EarningRow, history: list[Line], *, is_one_of_many: bool) -> Event:
    what, currency = told(entry), row.line.currency
    is_bad = entry.movement in {Movement.REFUND, Movement.DISPUTE, Movement.REVERSAL} or entry.kind in {
        "payout_unpaid",
        "payout_returned",
    }
    amount = entry.net or entry.size
    if entry.kind in WHOLE_ORDER and is_one_of_many:
        what = f"{what}, all sessions of this order together"
    elif entry.kind == "pay":
        # What it was before refunds, as they are entries of their own.
        amount = row.line.net - sum(other.net for other in history if other.kind != "pay" and _is_own(other))
    elif entry.movement == Movement.PAYOUT:
        what, amount = f"{what}, with this share in it", abs(entry.size)
    return Event(entry.at, what, Money(amount, currency), is_bad)


def _is_own(entry: Line) -> bool:
    return entry.movement != Movement.PAYOUT
