"""Advisory locks of a transaction, for ranges that have no row to lock yet."""

from hashlib import blake2b

from django.db import connection


def lock(kind: str, key: int | str) -> None:
    """Hold the lock of ``(kind, key)`` until the running transaction ends.

    The key is a hash of kind and id, so that two kinds never share a number.
    Take a coach's lock before a candidate's: one order everywhere, no deadlock.
    """
    digest = blake2b(f"{kind}:{key}".encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
