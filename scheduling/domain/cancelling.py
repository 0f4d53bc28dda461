"""Cancelling: who gives up a booking when, and what part of the money goes back by rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import transaction

from core.errors import DomainError, ForbiddenError, IllegalTransitionError, NotFoundError
from scheduling.domain.arrows import cancel
from scheduling.domain.together import lock_together
from scheduling.models import Booking, CancellationPolicy
from scheduling.queries.moves import cancels_freely_until
from scheduling.states import LIVE, BookingState, Side

if TYPE_CHECKING:
    from accounts.models import User

WHOLE = 100


class Rule(StrEnum):
    """Why so much goes back (money.md 11). Whether anything was paid at all is the seller's to know."""

    FULL = "full"
    GRACE = "grace"
    HALF = "half"
    NONE = "none"
    COACH = "coach"
    DECLINED = "declined"
    EXPIRED = "expired"
    REQUEST = "request"


_BY_PERCENT = {WHOLE: Rule.FULL, 0: Rule.NONE}


class RefundRule(NamedTuple):
    """``refund_percent`` of what was paid goes back, by ``rule``."""

    rule: Rule
    refund_percent: int


@dataclass(frozen=True)
class Cancellation:
    """What a cancellation came to."""

    booking: Booking
    rule: Rule
    refund_percent: int

    @property
    def is_coachs(self) -> bool:
        """Whether the coach gave it up; the rule alone does not say, for his proposal may be why."""
        return self.booking.cancelled_by_id == self.booking.coach_id


class SessionBegunError(DomainError):
    """From the start on nothing is cancelled."""

    code = "session_begun"
    message = "The session has begun and cannot be cancelled any more. You can report a problem instead."


@transaction.atomic
def cancel_booking(booking_id: UUID, *, by: User | None, now: datetime) -> Cancellation:
    """Give up a booking before it starts; ``by`` None is the system. Twice is once, as it was the first time.

    A hold is released with all that is held with it.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: a coach cannot release a candidate's hold.
        SessionBegunError: too late.
        IllegalTransitionError: it is over already, in another way.
    """
    booking, *held_with_it = lock_together(booking_id)
    rule, percent = preview_cancellation(booking, by=by, now=now)
    if booking.state != BookingState.CANCELLED:
        for each in (booking, *held_with_it):
            cancel(each, by=by, now=now)
    return Cancellation(booking, rule, percent)


def preview_cancellation(booking: Booking, *, by: User | None, now: datetime) -> RefundRule:
    """What cancelling at ``now`` would come to, without doing it; refuses what ``cancel_booking`` refuses."""
    side = booking.side_of(by)
    if side == Side.OPERATIONS:
        raise NotFoundError
    if booking.state == BookingState.CANCELLED:
        return outcome(booking)
    if booking.state not in LIVE:
        raise IllegalTransitionError(booking, BookingState.CANCELLED)
    if side == Side.COACH and booking.state == BookingState.HELD:
        raise ForbiddenError("The candidate is about to pay for this time.")
    if booking.starts_at <= now:
        raise SessionBegunError
    return _rule_of(booking, side=side, at=now)


def outcome(booking: Booking) -> RefundRule:
    """By what rule the money of a booking goes back that was cancelled or declined, or expired.

    Raises:
        IllegalTransitionError: it did not end so.
    """
    if booking.cancelled_at is not None:
        side = booking.side_of(booking.cancelled_by)
        return _rule_of(booking, side=side, at=booking.cancelled_at)
    if booking.state == BookingState.DECLINED:
        return RefundRule(Rule.DECLINED, WHOLE)
    if booking.state == BookingState.EXPIRED:
        return RefundRule(Rule.EXPIRED, WHOLE)
    raise IllegalTransitionError(booking, BookingState.CANCELLED)


def refund_rule(
    policy: CancellationPolicy,
    *,
    side: Side,
    starts_at: datetime,
    confirmed_at: datetime | None,
    requested_at: datetime | None,
    at: datetime,
    agreed_start: datetime | None = None,
    moved_late: bool = False,
    freely_until: datetime | None = None,
) -> RefundRule:
    """What goes back when ``side`` cancels at the instant ``at``, before the start. Pure.

    Bounds belong to the kinder side: exactly 24 hours before is *24 hours before*. The grace period is
    open at its end, and wants a session more than ``grace_from_hours`` away when it was confirmed; the start
    that was confirmed is ``agreed_start`` where a move has changed it. ``moved_late``: the candidate moved it
    when he could not have cancelled it whole. ``freely_until``: the coach wanted to move it.
    """
    if side == Side.COACH:
        return RefundRule(Rule.COACH, WHOLE)
    if confirmed_at is None:
        return RefundRule(Rule.REQUEST if requested_at else Rule.FULL, WHOLE)
    if side == Side.SYSTEM:
        return RefundRule(Rule.FULL, WHOLE)
    if freely_until is not None and at <= freely_until:
        return RefundRule(Rule.COACH, WHOLE)
    percent = _percent_of_tier(policy, starts_at - at)
    if moved_late:
        percent = min(percent, policy.percent_after_late_move)
    elif percent < WHOLE and _in_grace(policy, agreed_start or starts_at, confirmed_at=confirmed_at, at=at):
        return RefundRule(Rule.GRACE, WHOLE)
    return RefundRule(_BY_PERCENT.get(percent, Rule.HALF), percent)


def _rule_of(booking: Booking, *, side: Side, at: datetime) -> RefundRule:
    return refund_rule(
        booking.policy,
        side=side,
        starts_at=booking.starts_at,
        confirmed_at=booking.confirmed_at,
        requested_at=booking.requested_at,
        at=at,
        agreed_start=booking.agreed_start,
        moved_late=booking.late_moves > 0,
        freely_until=cancels_freely_until(booking) if side == Side.CANDIDATE else None,
    )


def _percent_of_tier(policy: CancellationPolicy, ahead: timedelta) -> int:
    """Tiers go from the most hours to 0."""
    for tier in policy.tiers:
        if ahead >= timedelta(hours=tier["from_hours"]):
            return int(tier["refund_percent"])
    return 0


def _in_grace(policy: CancellationPolicy, agreed: datetime, *, confirmed_at: datetime, at: datetime) -> bool:
    fresh = at < confirmed_at + timedelta(minutes=policy.grace_minutes)
    return fresh and agreed - confirmed_at > timedelta(hours=policy.grace_from_hours)
