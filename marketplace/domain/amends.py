"""What operations do by hand for a session's money: give some back, or decide a compensation that waits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.audit import record
from core.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from core.money import Money
from marketplace.domain.refunding import refund_session_up_to
from marketplace.models import Compensation, Session
from payments.domain.balances import compensate
from payments.queries.refunds import given_by
from scheduling.domain.arrows import lock_booking
from scheduling.models import Booking
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


class SecondPersonNeededError(DomainError):
    """So much is not given back by one person alone."""

    code = "second_person_needed"
    message = "An amount this high needs a second person."


class CompensationDecidedError(DomainError):
    code = "compensation_decided"
    message = "This compensation was decided the other way."


@transaction.atomic
def give_back(booking_id: UUID, amount: Money, *, by: User, reason: str, now: datetime) -> Session:
    """Give ``amount`` of what was paid for a session back, on top of what went back before.

    Each call gives; an API client repeats a request safely by its Idempotency-Key.

    Raises:
        NotFoundError: there is no such session, or this person does not work for operations.
        ForbiddenError: his own session.
        SecondPersonNeededError: it is above what one person may give.
        InvalidError: more than is kept, nothing, or another currency.
    """
    session = _session_for(booking_id, by)
    # In pieces it is as much.
    if given_by(by, session.line) + amount.minor > settings.SECOND_PERSON_ABOVE:
        raise SecondPersonNeededError(limit=Money(settings.SECOND_PERSON_ABOVE, amount.currency).as_json())
    if amount.currency != session.order.currency or not 0 < amount.minor <= session.line.kept:
        most = f"{session.line.kept} {session.order.currency} in minor units"
        raise InvalidError(fields={"amount": [f"More than nothing, and at most what is kept: {most}."]})
    refund_session_up_to(session, session.line.refunded + amount.minor, reason=reason, by=by, now=now)
    record("given_back", session.booking, by=by, now=now, reason=reason)
    session.line.refresh_from_db()
    return session


@transaction.atomic
def decide_compensation(
    compensation_id: int, *, granted: bool, by: User, reason: str, now: datetime
) -> Compensation:
    """Grant or refuse a compensation that waits for operations. Twice is once.

    Raises:
        NotFoundError: there is no such compensation, or this person does not work for operations.
        ForbiddenError: it is about his own session.
        CompensationDecidedError: it was decided the other way.
    """
    owed = Compensation.objects.select_for_update().filter(pk=compensation_id).first()
    if owed is None:
        raise NotFoundError
    session = _session_for(owed.session_id, by)
    if owed.granted_at or owed.refused_at:
        if granted != bool(owed.granted_at):
            raise CompensationDecidedError
        return owed
    owed.granted_at, owed.refused_at = (now, None) if granted else (None, now)
    owed.save(update_fields=["granted_at", "refused_at"])
    if granted:
        compensate(owed.candidate, owed.amount, currency=owed.currency, source=session.subject, now=now)
    action = "compensation.granted" if granted else "compensation.refused"
    record(action, session.booking, by=by, now=now, reason=reason)
    return owed


def _session_for(booking_id: UUID, operator: User) -> Session:
    """A session whose booking is locked, for somebody who works for operations and is no side of it."""
    if not operator.is_staff or not Booking.objects.filter(pk=booking_id, session__isnull=False).exists():
        raise NotFoundError
    if lock_booking(booking_id).side_of(operator) != Side.OPERATIONS:
        raise ForbiddenError("Nobody decides about his own session.")
    return Session.objects.with_people().get(pk=booking_id)
