"""Advisory locks of a transaction, for ranges that have no row to lock yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import blake2b

from django.db import connection

# The target list is evaluated from left to right: the time is taken when the lock is there.
_LOCK_AND_LEAVE_THE_REST = """
SELECT pg_advisory_xact_lock(%s), set_config(
    'lock_timeout',
    greatest(1, %s - floor(1000 * extract(epoch FROM clock_timestamp() - transaction_timestamp())))::text,
    true
)
"""


def lock(kind: str, key: int | str) -> None:
    """Hold the lock of ``(kind, key)`` until the running transaction ends.

    The key is a hash of kind and id, so that two kinds never share a number.
    Take a coach's lock before a candidate's: one order everywhere, no deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(kind, key)])


def lock_within(budget: timedelta, kind: str, key: int | str) -> None:
    """The same for a transaction that may wait no longer than ``budget`` altogether.

    PostgreSQL's ``lock_timeout`` counts anew for every lock. Here it shrinks by what has passed since the
    transaction began, for all locks that follow, rows included.
    """
    left = budget // timedelta(milliseconds=1)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_AND_LEAVE_THE_REST, [_number(kind, key), left])


@contextmanager
def alone(kind: str, key: int | str) -> Iterator[bool]:
    """Hold the lock of ``(kind, key)`` outside any transaction, for an errand over the network.

    False where somebody else holds it: then it is not waited for.
    """
    number = [_number(kind, key)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", number)
        (is_mine,) = cursor.fetchone()
        try:
            yield is_mine
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", number)


def _number(kind: str, key: int | str) -> int:
    digest = blake2b(f"{kind}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
