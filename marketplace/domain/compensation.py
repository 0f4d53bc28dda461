"""A balance for a candidate whose coach let him down (rules/money.md 8)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from core.locks import lock
from core.money import part_of
from marketplace.models import Compensation, Session
from payments.domain.balances import compensate
from scheduling.models import Booking


@transaction.atomic
def compensate_candidate(session: Session) -> Compensation | None:
    """Owe ten per cent of what was paid for a session that the coach cancelled late.

    Twice is once; None: nothing is owed.

    Granted at once to the same pair of people only once in 90 days; further ones wait for operations.
    """
    now = session.booking.cancelled_at
    amount = part_of(session.order.paid, settings.COMPENSATION_BP)
    if now is None or not amount or not _is_late(session.booking, now):
        return None
    # Two sessions of one pair cancelled at once would both find no earlier compensation.
    lock("compensation", f"{session.booking.coach_id}:{session.booking.candidate_id}")
    owed, is_new = Compensation.objects.get_or_create(
        session=session,
        defaults={
            "coach": session.booking.coach,
            "candidate": session.booking.candidate,
            "amount": amount,
            "currency": session.order.currency,
            "asked_at": now,
            "granted_at": None if _had_one_lately(session.booking, now) else now,
        },
    )
    if is_new and owed.granted_at:
        compensate(owed.candidate, amount, currency=owed.currency, source=session.subject, now=now)
    return owed


def _is_late(booking: Booking, now: datetime) -> bool:
    """Less than 72 hours before the start, and not within an hour of the confirmation."""
    near = booking.starts_at - now < settings.COMPENSATION_INSIDE
    return near and booking.confirmed_at is not None and now > booking.confirmed_at + settings.GRACE


def _had_one_lately(booking: Booking, now: datetime) -> bool:
    return Compensation.objects.filter(
        coach=booking.coach_id,
        candidate=booking.candidate_id,
        granted_at__gt=now - settings.COMPENSATION_ONCE_PER_PAIR,
    ).exists()
