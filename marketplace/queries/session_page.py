"""What the page of one session shows: it prepares, opens the door, then reflects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from accounts.models import User
from core.money import Money
from marketplace.models import Session
from marketplace.models.session import SessionQuerySet
from scheduling.models import Booking
from scheduling.states import BookingState


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
    """The policy of this booking as instants, in order of time; amounts where something was paid."""
    steps = []
    for tier in booking.policy.tiers:
        hours, percent = tier["from_hours"], tier["refund_percent"]
        until = booking.starts_at - timedelta(hours=hours) if hours else None
        steps.append(PolicyStep(percent, until, paid.share(percent * 100)[0] if paid else None))
    return steps


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
    """What a candidate has before him: live, not over, the next one first; lapsed holds are gone."""
    sessions = (
        Session.objects.as_candidate(person)
        .with_people()
        .filter(booking__in=Booking.objects.live(), booking__ends_at__gt=now)
        .exclude(booking__in=Booking.objects.lapsed(now))
        .order_by("booking__starts_at")
    )
    return list(sessions)
