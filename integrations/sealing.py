"""Secrets of other people's accounts, encrypted at rest: whoever reads a dump of the database has nothing.

The keys are made from ``SEALING_SECRETS`` (``SECRET_KEY`` where there are none): the first one seals, all of
them open, so that a secret is changed by putting a new one in front. What an older one sealed is sealed anew
when it is used.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"northstar: what is sealed at rest"
KEY_BYTES = 32


class SealBrokenError(Exception):
    """None of our keys opens it: the secret that sealed it was taken away."""


def seal(text: str) -> bytes:
    """``text``, readable only with our keys."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """What was sealed.

    Raises:
        SealBrokenError: it was sealed under a secret that we no longer have, or changed since.
    """
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise SealBrokenError from error


def is_newest(sealed: bytes | memoryview) -> bool:
    """Whether it was sealed under the secret that seals now."""
    try:
        _keys(_secrets())[0].decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


def _box() -> MultiFernet:
    return MultiFernet(_keys(_secrets()))


def _secrets() -> tuple[str, ...]:
    return tuple(settings.SEALING_SECRETS) or (settings.SECRET_KEY,)


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> list[Fernet]:
    return [Fernet(urlsafe_b64encode(_derived(secret))) for secret in secrets]


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(secret.encode())
