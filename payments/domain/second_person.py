"""What operations may give away alone; above a limit per order it needs a second person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from core.errors import DomainError, ForbiddenError, NotFoundError
from core.money import Money
from payments.models import Order
from payments.queries.refunds import given_by

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Seconded:
    """A second person agreed, while what it is about stood at ``before`` (minor units)."""

    by: User
    before: int


class SecondPersonNeededError(DomainError):
    """So much is not given away by one person alone."""

    code = "second_person_needed"
    message = "An amount this high needs a second person."


class ChangedSinceError(DomainError):
    """The second person would agree to something else than what the first one wanted."""

    code = "changed_since"
    message = "The money of this order has changed since this was asked for. Ask for it anew."


def refuse_alone(
    order: Order, amount: Money, *, by: User, seconded: Seconded | None, before: int = 0
) -> None:
    """Refuse what one person may not give away. What he gave for this order before counts, too.

    The order is locked, or two pieces at once would each be small. ``before`` is how things stand now.

    Raises:
        NotFoundError: somebody who does not work for operations.
        ForbiddenError: one person twice.
        SecondPersonNeededError: it is above the limit, and there is no second person.
        ChangedSinceError: things do not stand any more as the second person saw them.
    """
    if not by.is_staff or (seconded is not None and not seconded.by.is_staff):
        raise NotFoundError
    if seconded is None:
        if given_by(by, order) + amount.minor > settings.SECOND_PERSON_ABOVE:
            limit = Money(settings.SECOND_PERSON_ABOVE, amount.currency)
            raise SecondPersonNeededError(limit=limit.as_json())
        return
    if seconded.by.pk == by.pk:
        raise ForbiddenError("Nobody is his own second person.")
    if seconded.before != before:
        raise ChangedSinceError
