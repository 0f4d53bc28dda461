"""A second factor by one-time codes (RFC 6238), kept by django-allauth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt, encrypt

from core.errors import NotFoundError

if TYPE_CHECKING:
    from accounts.models import User


def enrol(user: User, secret: str) -> None:
    """Give a person a second factor whose base-32 ``secret`` is known; one that is there already stays."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt(secret)}}
    )


def current_code(user: User) -> str:
    """What the person's app shows right now, by the wall clock, as the sign-in asks for it.

    Raises:
        NotFoundError: he has no such factor.
    """
    factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if factor is None:
        raise NotFoundError("This account has no second factor.")
    counter = next(yield_hotp_counters_from_time())
    code: str = format_hotp_value(hotp_value(decrypt(factor.data["secret"]), counter))
    return code
