"""What the page of one session shows: it prepares, opens the door, then reflects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.models import User
from core.money import Money
from marketplace.models import Session
from marketplace.models.session import SessionQuerySet
from scheduling.models import Booking
from scheduling.queries.moves import cancels_freely_until, waiting_proposals
from scheduling.states import BookingState

WHOLE = 100


class Phase(StrEnum):
    """Where a session stands for those who look at it."""

    PAY = "pay"
    WAIT = "wait"
    PREPARE = "prepare"
    JOIN = "join"
    REFLECT = "reflect"
    OVER = "over"


def phase_of(booking: Booking, now: datetime) -> Phase:
    """The phase at ``now``; a held slot is to be paid, whatever the clock says of it."""
    if booking.state == BookingState.HELD:
        return Phase.PAY
    if booking.state == BookingState.REQUESTED:
        return Phase.WAIT
    if booking.state == BookingState.CONFIRMED and now < booking.ends_at:
        return Phase.JOIN if now >= booking.starts_at - settings.JOIN_OPENS_BEFORE else Phase.PREPARE
    if booking.state in {BookingState.CONFIRMED, BookingState.COMPLETED}:
        return Phase.REFLECT
    return Phase.OVER


@dataclass(frozen=True)
class PolicyStep:
    """``percent`` of the price goes back until the instant ``until``; None: from then on."""

    percent: int
    until: datetime | None
    amount: Money | None


def policy_steps(booking: Booking, paid: Money | None) -> list[PolicyStep]:
    """What its candidate gets back, as instants in order of time; amounts where something was paid."""
    steps = [
        PolicyStep(percent, until, paid.share(percent * 100)[0] if paid else None)
        for percent, until in _percents(booking)
    ]
    # Where two steps give the same, the later one says it.
    return [
        step
        for step, after in zip(steps, [*steps[1:], None], strict=True)
        if after is None or after.percent != step.percent
    ]


def _percents(booking: Booking) -> list[tuple[int, datetime | None]]:
    """The policy of the booking, as a late move or a proposal that was refused has changed it."""
    most = booking.policy.percent_after_late_move if booking.late_moves else WHOLE
    steps = [(min(tier["refund_percent"], most), _ends(booking, tier)) for tier in booking.policy.tiers]
    freely_until = cancels_freely_until(booking) if booking.state == BookingState.CONFIRMED else None
    if freely_until is None:
        return steps
    return [(WHOLE, freely_until), *(step for step in steps if step[1] is None or step[1] > freely_until)]


def _ends(booking: Booking, tier: dict[str, Any]) -> datetime | None:
    hours = tier["from_hours"]
    return booking.starts_at - timedelta(hours=hours) if hours else None


def sessions_behind(person: User) -> SessionQuerySet:
    """What a candidate has behind him, the latest first: took place or came to nothing after a promise."""
    return (
        Session.objects.as_candidate(person)
        .with_people()
        .filter(booking__in=Booking.objects.promised())
        .exclude(booking__in=Booking.objects.live())
        .order_by("-booking__starts_at")
    )


def sessions_ahead(person: User, now: datetime) -> list[Session]:
    """What a candidate has before him: live, not over, the next one first; lapsed holds are gone.

    ``is_asked_to_move``: its coach waits for an answer about another time.
    """
    sessions = (
        Session.objects.as_candidate(person)
        .with_people()
        .filter(booking__in=Booking.objects.live(), booking__ends_at__gt=now)
        .exclude(booking__in=Booking.objects.lapsed(now))
        .annotate(is_asked_to_move=Exists(waiting_proposals(now).filter(booking=OuterRef("booking"))))
        .order_by("booking__starts_at")
    )
    return list(sessions)
