"""Whose private address is this, and has somebody one?"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from scheduling.models import CalendarFeed

if TYPE_CHECKING:
    from accounts.models import User


def digest(secret: str) -> str:
    """What is stored of a secret: it has 256 random bits, so a plain hash tells nothing about it."""
    return sha256(secret.encode()).hexdigest()


def feed_of(owner: User) -> CalendarFeed | None:
    """The private address that is valid now."""
    return CalendarFeed.objects.valid().filter(owner=owner).first()


def owner_of(secret: str) -> User | None:
    """Whose sessions this address opens; nobody's when it was never made, or is revoked."""
    feeds = CalendarFeed.objects.valid().filter(owner__is_active=True).select_related("owner")
    feed = feeds.filter(secret_hash=digest(secret)).first()
    return feed.owner if feed else None
