"""What operations do by hand for a session's money: give some back, or decide a compensation that waits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.audit import record
from core.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from core.money import Money
from core.templatetags.formats import money
from marketplace.domain.refunding import refund_session_up_to
from marketplace.models import Compensation, Session
from payments.domain.balances import compensate
from payments.domain.second_person import Seconded, refuse_alone
from payments.models import Order
from scheduling.domain.arrows import lock_booking
from scheduling.models import Booking
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


class CompensationDecidedError(DomainError):
    code = "compensation_decided"
    message = "This compensation was decided the other way."


@transaction.atomic
def give_back(
    booking_id: UUID, amount: Money, *, by: User, reason: str, now: datetime, seconded: Seconded | None = None
) -> Session:
    """Give ``amount`` of what was paid for a session back, on top of what went back before.

    Each call gives; an API client repeats a request safely by its Idempotency-Key.

    Raises:
        NotFoundError: there is no such session, or this person does not work for operations.
        ForbiddenError: his own session.
        InvalidError: more than is kept, nothing, or another currency.
        SecondPersonNeededError: it is above what one person may give.
        ChangedSinceError: something went back, or was lost, since the second person was asked.
    """
    session = _session_for(booking_id, by, seconded)
    line = session.line
    if amount.currency != session.order.currency or not 0 < amount.minor <= line.kept:
        most = money(Money(line.kept, session.order.currency))
        raise InvalidError(fields={"amount": [f"More than nothing, and at most what is kept: {most}."]})
    refuse_alone(session.order, amount, by=by, seconded=seconded, before=line.kept)
    refund_session_up_to(session, line.refunded + amount.minor, reason=reason, by=by, now=now)
    record("given_back", session.booking, by=by, now=now, reason=reason)
    line.refresh_from_db()
    return session


@transaction.atomic
def decide_compensation(
    compensation_id: int,
    *,
    granted: bool,
    by: User,
    reason: str,
    now: datetime,
    seconded: Seconded | None = None,
) -> Compensation:
    """Grant or refuse a compensation that waits for operations. Twice is once.

    Raises:
        NotFoundError: there is no such compensation, or this person does not work for operations.
        ForbiddenError: it is about his own session.
        CompensationDecidedError: it was decided the other way.
        SecondPersonNeededError: it is above what one person may give.
    """
    owed = Compensation.objects.select_for_update().filter(pk=compensation_id).first()
    if owed is None:
        raise NotFoundError
    session = _session_for(owed.session_id, by, seconded)
    if owed.granted_at or owed.refused_at:
        if granted != bool(owed.granted_at):
            raise CompensationDecidedError
        return owed
    if granted:
        refuse_alone(session.order, owed.cost, by=by, seconded=seconded)
    owed.granted_at, owed.refused_at = (now, None) if granted else (None, now)
    owed.save(update_fields=["granted_at", "refused_at"])
    if granted:
        compensate(owed.candidate, owed.amount, currency=owed.currency, source=session.subject, now=now)
    action = "compensation.granted" if granted else "compensation.refused"
    record(action, session.booking, by=by, now=now, reason=reason)
    return owed


def _session_for(booking_id: UUID, operator: User, seconded: Seconded | None) -> Session:
    """A session whose booking and order are locked, for people of operations who are no side of it."""
    people = [operator, *([seconded.by] if seconded else [])]
    is_there = Booking.objects.filter(pk=booking_id, session__isnull=False).exists()
    if not is_there or not all(person.is_staff for person in people):
        raise NotFoundError
    booking = lock_booking(booking_id)
    if any(booking.side_of(person) != Side.OPERATIONS for person in people):
        raise ForbiddenError("Nobody decides about his own session.")
    # What one person gave away is counted by order: two of its sessions wait for each other.
    Order.objects.select_for_update(of=("self",)).get(sessions=booking_id)
    return Session.objects.with_people().get(pk=booking_id)
