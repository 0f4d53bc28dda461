"""The private address at which a person's own calendar reads his sessions (rule 17)."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from django.db import transaction

from core.audit import record
from core.locks import lock
from scheduling.models import CalendarFeed
from scheduling.queries.feeds import digest

if TYPE_CHECKING:
    from accounts.models import User

SECRET_BYTES = 32


@transaction.atomic
def open_feed(owner: User, *, now: datetime) -> str:
    """Make a private address and answer its secret, this once; the address before it opens nothing more."""
    # Two presses at once: the second replaces what the first made.
    lock("feed", owner.pk)
    _revoke(owner, now=now)
    secret = token_urlsafe(SECRET_BYTES)
    feed = CalendarFeed.objects.create(owner=owner, secret_hash=digest(secret), created_at=now)
    record("opened", feed, by=owner, now=now)
    return secret


@transaction.atomic
def revoke_feed(owner: User, *, now: datetime) -> None:
    """Close the private address. Twice is once."""
    lock("feed", owner.pk)
    _revoke(owner, now=now)


def _revoke(owner: User, *, now: datetime) -> None:
    for feed in CalendarFeed.objects.valid().filter(owner=owner):
        feed.revoked_at = now
        feed.save(update_fields=["revoked_at"])
        record("revoked", feed, by=owner, now=now)
