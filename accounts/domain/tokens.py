"""API tokens: shown once, stored as a digest."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from accounts.models import ApiToken, User

USE_IS_NOTED_EVERY = timedelta(minutes=10)


def issue_token(user: User, *, now: datetime) -> str:
    """A new token for ``user``; earlier ones stay valid."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=_digest(token), created_at=now)
    return token


def user_of_token(token: str, *, now: datetime) -> User | None:
    """Whose token this is, if it is anybody's and the account is active."""
    row = ApiToken.objects.select_related("user").filter(digest=_digest(token), user__is_active=True).first()
    if row is None:
        return None
    if row.last_used_at is None or row.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.user


def _digest(token: str) -> str:
    # 256 random bits need no salt and no slow hash: nobody can guess them.
    return sha256(token.encode()).hexdigest()
