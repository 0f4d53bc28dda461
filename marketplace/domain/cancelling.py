"""Cancelling a session: booking, money and compensation in one transaction, previewed to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.errors import NotFoundError
from core.money import Money
from marketplace.domain.compensation import compensate_candidate
from marketplace.domain.freed import offer_at_commit
from marketplace.domain.fulfilment import share_sources
from marketplace.domain.refunding import refund_session
from marketplace.models import Session
from payments.domain.orders import close_order
from payments.domain.refunds import preview_refund
from payments.models import OrderLine
from payouts.domain.shares import schedule_release
from scheduling.domain.cancelling import RefundRule, cancel_booking, preview_cancellation

if TYPE_CHECKING:
    from accounts.models import User

FREE = "free"


@dataclass(frozen=True)
class Outcome:
    """What a cancellation comes to: the amounts of api.md, and the rule they follow from."""

    refund: Money
    kept: Money
    goodwill: Money
    coach_share: Money
    platform_fee: Money
    rule: str


def preview(session: Session, *, by: User, now: datetime) -> Outcome:
    """What cancelling at ``now`` would come to; refuses what ``cancel`` refuses."""
    return _outcome(session.line, preview_cancellation(session.booking, by=by, now=now))


@transaction.atomic
def cancel(booking_id: UUID, *, by: User, now: datetime) -> Outcome:
    """Give up a session before it starts. Twice is once, and answers the same.

    Raises:
        NotFoundError: neither side of it asks.
        DomainError: the refusals of ``cancel_booking``.
    """
    session = Session.objects.of(by).with_people().filter(pk=booking_id).first()
    if session is None:
        raise NotFoundError
    if session.booking.is_live:
        offer_at_commit(booking_id, now=now)
    cancellation = cancel_booking(booking_id, by=by, now=now)
    order = close_order(session.order_id, now=now)
    line = order.lines.get(pk=session.line_id)
    outcome = _outcome(line, RefundRule(cancellation.rule, cancellation.refund_percent))
    percent = cancellation.refund_percent
    refund_session(session, percent, reason=f"cancelled: {outcome.rule}", by=by, now=now)
    session.booking, session.line = cancellation.booking, line
    if cancellation.is_coachs:
        compensate_candidate(session)
    elif outcome.coach_share.minor:
        # No scorecard will come: the share is due 72 hours after the end that was agreed (money.md 5).
        for source in share_sources(session):
            schedule_release(source, cancellation.booking.ends_at + settings.RELEASE_DELAY, now=now)
    return outcome


def _outcome(line: OrderLine, rule: RefundRule) -> Outcome:
    """How the session's money stands after ``rule``; what went back before counts, so it answers the same."""
    after = preview_refund(line, rule.refund_percent)

    def money(minor: int) -> Money:
        return Money(minor, line.order.currency)

    return Outcome(
        refund=money(line.refunded + after.refund),
        kept=money(after.kept),
        goodwill=money(after.goodwill),
        coach_share=money(after.coach_share),
        platform_fee=money(after.platform_fee),
        rule=rule.rule if line.paid else FREE,
    )
