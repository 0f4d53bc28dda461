"""Dead letters, Stripe's and our own: what was given up on is followed again when somebody says why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core import outbox
from core.audit import record
from core.errors import DomainError, InvalidError, NotFoundError
from core.models import OutboxMessage
from integrations.stripe import inbox
from integrations.stripe.models import StripeEvent
from operations.rules import MESSAGE

if TYPE_CHECKING:
    from accounts.models import User


class NotDeadError(DomainError):
    """It is waiting, on its way, or done."""

    code = "not_dead"
    message = "This is no dead letter any more: somebody has replayed it."


@transaction.atomic
def replay(letter: str, *, by: User, reason: str, now: datetime) -> None:
    """Give a dead letter another life: it is followed within minutes. What was done before is not done twice.

    Raises:
        NotFoundError: there is no such letter, or this person does not work for operations.
        InvalidError: no reason.
        NotDeadError: it lives.
    """
    if not by.is_staff:
        raise NotFoundError
    if not reason.strip():
        raise InvalidError(fields={"reason": ["Say why it is worth another try."]})
    found = _message(letter) if letter.startswith(MESSAGE) else _event(letter)
    if found is None:
        raise NotFoundError
    if found.dead_at is None:
        raise NotDeadError
    if isinstance(found, StripeEvent):
        record("stripe.replayed", found, by=by, now=now, reason=reason)
        inbox.replay(found, now=now)
    else:
        record("outbox.replayed", found, by=by, now=now, reason=reason)
        outbox.replay(found, now=now)


def _message(letter: str) -> OutboxMessage | None:
    number = letter.removeprefix(MESSAGE)
    if not (number.isascii() and number.isdigit()):
        return None
    return OutboxMessage.objects.select_for_update().filter(pk=number).first()


def _event(letter: str) -> StripeEvent | None:
    return StripeEvent.objects.select_for_update().filter(pk=letter).first()
