"""``check_ledger`` over a million postings, beside the plainest question one can ask of them."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.ledger import HISTORY
from benchmarks.measure import Measure, pair
from benchmarks.scratch import scratch_database

SHARES, PAYEES, RUNS = 143_000, 3_000, 5


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connection  # noqa: PLC0415  (after setup)

    from payouts.models import Posting  # noqa: PLC0415
    from payouts.queries.invariants import check  # noqa: PLC0415

    with connection.cursor() as cursor:
        # Rows as right as any, without a trigger for each.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(HISTORY, {"payees": PAYEES, "shares": SHARES})
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        count = Posting.objects.count()
        if found := check():
            raise AssertionError(found[:5])
        plain = "SELECT sum(amount) FROM payouts_posting"
        checked, summed = pair(check, lambda: cursor.execute(plain), runs=RUNS)
    detail = f"all invariants over {count:,} postings; a plain sum {summed:.0f} ms"
    yield Measure("check_ledger_million", checked / 1000, "s", 10, "lower", detail)


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line(), flush=True)
