"""Numbers without gaps, for papers whose numbers the law counts."""

from __future__ import annotations

from django.db import connection

from core.events import OutsideTransactionError

# One statement makes the row or takes its lock: whoever comes second waits until the first commits or fails.
_NEXT = """
INSERT INTO core_numberseries (name, last) VALUES (%s, 1)
ON CONFLICT (name) DO UPDATE SET last = core_numberseries.last + 1
RETURNING last
"""


def next_number(series: str) -> int:
    """The next number of ``series``, from 1 on: none twice, none left out.

    It is given by the commit of the running transaction and taken back by its rollback. The series is locked
    until then, so take the number last, right before the row that bears it.

    Raises:
        OutsideTransactionError: no transaction is open, so that a crash could leave a gap.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError(f"A number of {series} belongs to the transaction of what bears it.")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series])
        number: int = cursor.fetchone()[0]
    return number
