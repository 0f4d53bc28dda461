"""A balance for a candidate whose coach let him down (rules/money.md 8)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from core.locks import lock
from core.money import Money
from marketplace.models import Compensation, Session
from payments.domain.balances import compensate
from scheduling.models import Booking
from scheduling.states import BookingState


@transaction.atomic
def compensate_candidate(session: Session) -> Compensation | None:
    """Owe ten per cent of what was paid for a session that the coach cancelled late, or did not come to.

    Twice is once; None: nothing is owed.

    Granted at once to the same pair of people only once in 90 days; further ones wait for operations.
    """
    now = _let_down_at(session.booking)
    paid = Money(session.line.paid, session.line.order.currency)
    due, _ = paid.share(settings.COMPENSATION_BP)
    if now is None or not due:
        return None
    # Two sessions of one pair cancelled at once would both find no earlier compensation.
    lock("compensation", f"{session.booking.coach_id}:{session.booking.candidate_id}")
    owed, is_new = Compensation.objects.get_or_create(
        session=session,
        defaults={
            "coach": session.booking.coach,
            "candidate": session.booking.candidate,
            "amount": due.minor,
            "currency": due.currency,
            "asked_at": now,
            "granted_at": None if _had_one_lately(session.booking, now) else now,
        },
    )
    if is_new and owed.granted_at:
        compensate(owed.candidate, owed.amount, currency=owed.currency, source=session.subject, now=now)
    return owed


def _let_down_at(booking: Booking) -> datetime | None:
    """When it was settled that the coach let a session down so that something is owed; None: he did not.

    A cancellation counts less than 72 hours before the start, and not within an hour of the confirmation.
    """
    if booking.state == BookingState.NO_SHOW_COACH:
        return booking.missed_at
    at = booking.cancelled_at
    if at is None or booking.confirmed_at is None:
        return None
    is_late = booking.starts_at - at < settings.COMPENSATION_INSIDE
    return at if is_late and at > booking.confirmed_at + settings.GRACE else None


def _had_one_lately(booking: Booking, now: datetime) -> bool:
    return Compensation.objects.filter(
        coach=booking.coach_id,
        candidate=booking.candidate_id,
        granted_at__gt=now - settings.COMPENSATION_ONCE_PER_PAIR,
    ).exists()
