"""Moving a session: its time and the day on which its share is due, in one transaction.

Price, fee rate and policy stay what they were: they belong to the booking, not to its hour. The new time is
sold like any other, so the offer has to be on sale and the mentor's month not full.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from marketplace.domain.booking import offer_on_sale
from marketplace.domain.fulfilment import share_sources
from marketplace.domain.quotas import check_month
from marketplace.models import Session
from marketplace.queries.sessions import session_of
from payouts.domain.shares import schedule_release
from scheduling.domain import moving
from scheduling.domain.tries import trying
from scheduling.models import Booking
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


def reschedule(booking_id: UUID, starts_at: datetime, *, by: User, now: datetime) -> None:
    """The candidate moves his session, the coach asks for it. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        DomainError: the refusals of ``scheduling.domain.moving``.
        SlotUnavailableError: also ``inactive`` and ``quota``, the seller's own.
    """
    session = session_of(by, booking_id)
    if session.side_of(by) == Side.COACH:
        propose(session, starts_at, by=by, now=now)
    else:
        move(session, starts_at, by=by, now=now)


def move(session: Session, starts_at: datetime, *, by: User, now: datetime) -> None:
    """The candidate takes another time of the same coach, at once."""
    with trying(now=now):
        booking = moving.move_booking(session.pk, starts_at, by=by, now=now)
        _follow(session, booking, now=now)


@transaction.atomic
def propose(session: Session, starts_at: datetime, *, by: User, now: datetime) -> None:
    """The coach asks for another time; the candidate answers."""
    moving.propose_move(session.pk, starts_at, by=by, now=now)
    _refuse_unless_sold(session, starts_at)


def accept_move(booking_id: UUID, *, by: User, now: datetime) -> None:
    """The candidate says yes to the coach's proposal. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        DomainError: the refusals of ``scheduling.domain.moving.accept_move``; the old time stands.
    """
    session = session_of(by, booking_id)
    with trying(now=now):
        booking = moving.accept_move(session.pk, by=by, now=now)
        _follow(session, booking, now=now)


def _follow(session: Session, booking: Booking, *, now: datetime) -> None:
    """What the seller says about the new time, and when its share is due now at the latest."""
    # Not the start: moved twice meanwhile, it may be where it was read.
    if booking.sequence == session.booking.sequence:
        return
    _refuse_unless_sold(session, booking.starts_at)
    for source in share_sources(session):
        schedule_release(source, booking.ends_at + settings.RELEASE_LATEST, now=now)


def _refuse_unless_sold(session: Session, starts_at: datetime) -> None:
    offer = offer_on_sale(session.offer_id)
    check_month(offer, session, starts_at)
