"""What operations do with a share by hand: keep it back, let it go, try a refused release again at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core.audit import record
from core.errors import DomainError, ForbiddenError, NotFoundError
from payouts.domain.shares import freeze, locked, unfreeze
from payouts.models import Share
from payouts.states import ShareState

if TYPE_CHECKING:
    from accounts.models import User

CAUSE = "operations:"
"""The causes of holds by hand, numbered: one that was ended does not come up again."""


class NothingToRetryError(DomainError):
    """No release of it was refused, or it waits for something else."""

    code = "nothing_to_retry"
    message = "No release of this share waits to be tried again."


@transaction.atomic
def keep_back(source: str, *, by: User, reason: str, now: datetime) -> Share:
    """Freeze a share until somebody of operations lets it go. Twice is once.

    Raises:
        NotFoundError: there is no such share, or this person does not work for operations.
        ForbiddenError: his own share.
        ShareReleasedError: its money has left.
    """
    share = _share(source, by)
    by_hand = share.holds.filter(cause__startswith=CAUSE)
    if by_hand.open().exists():
        return share
    cause = f"{CAUSE}{by_hand.count() + 1}"
    return freeze(source, cause=cause, by=by, reason=reason, now=now)


@transaction.atomic
def let_go(source: str, *, by: User, reason: str, now: datetime) -> Share:
    """End what was kept back by hand; what else holds the share goes on holding it. Twice is once.

    Raises:
        NotFoundError: there is no such share, or this person does not work for operations.
        ForbiddenError: his own share.
    """
    share = _share(source, by)
    for hold in share.holds.open().filter(cause__startswith=CAUSE):
        share = unfreeze(source, cause=hold.cause, by=by, reason=reason, now=now)
    return share


@transaction.atomic
def retry_release(source: str, *, by: User, reason: str, now: datetime) -> Share:
    """Try a release that Stripe refused again now, instead of when its pause is over.

    Raises:
        NotFoundError: there is no such share, or this person does not work for operations.
        ForbiddenError: his own share.
        NothingToRetryError: nothing was refused, or it was tried again since.
    """
    share = _share(source, by)
    if share.state != ShareState.HELD or share.retry_at is None:
        raise NothingToRetryError
    share.retry_at = None
    share.save(update_fields=["retry_at"])
    record("share.retried", share, by=by, now=now, reason=reason)
    return share


def _share(source: str, by: User) -> Share:
    """Under the lock of its payee, for somebody who works for operations and is not that payee."""
    if not by.is_staff or not Share.objects.filter(source=source).exists():
        raise NotFoundError
    share = locked(source)
    if share.payee.user_id == by.pk:
        raise ForbiddenError("Nobody decides about his own share.")
    return share
