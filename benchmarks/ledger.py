"""The money invariants over more than 100,000 postings, beside the plainest question one can ask of them."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Measure, milliseconds
from benchmarks.scratch import scratch_database

SHARES, PAYEES = 15_000, 300

# Sold and released: what payments and payouts would have written, row for row.
HISTORY = """
INSERT INTO accounts_user (id, email, name, timezone, password, is_active, is_staff, is_superuser,
                           joined_at)
    SELECT n, 'payee' || n || '@bench.test', '', '', '', true, false, false, now()
    FROM generate_series(1, %(payees)s) n;
INSERT INTO payouts_payee (id, user_id, account, currency, transfers, requirements, created_at)
    SELECT n, n, 'acct_' || n, 'usd', 'active', '[]', now() FROM generate_series(1, %(payees)s) n;
INSERT INTO payouts_share (id, payee_id, source, currency, state, amount, released, reversed, debt, recovered,
                           netted, transfer_group, source_transaction, sourced_limit, opened_at)
    SELECT n, 1 + n %% %(payees)s, 'order_line:' || n, 'usd', 'transferred', 9600, 9600, 0, 0,
           0, 0, '', '', 0, now()
    FROM generate_series(1, %(shares)s) n;
INSERT INTO payouts_release (id, share_id, number, state, planned_at, settled_at)
    SELECT id, id, 1, 'done', now(), now() FROM payouts_share;
INSERT INTO payouts_transfer (id, release_id, source_transaction, amount, attempt, stripe_id,
                              destination_payment, transferred_at)
    SELECT id, id, '', 9600, 1, 'tr_' || id, 'py_' || id, now() FROM payouts_share;

INSERT INTO payouts_ledgeraccount (kind, owner, currency)
    VALUES ('stripe_platform', 'platform', 'usd'), ('platform_revenue', 'platform', 'usd');
INSERT INTO payouts_ledgeraccount (kind, owner, currency)
    SELECT kind, 'payee:' || payee.id, 'usd' FROM payouts_payee payee,
        unnest('{payee_held, payee_available, stripe_connected}'::text[]) kind;
INSERT INTO payouts_journalentry (kind, source, occurred_at)
    SELECT 'pay', 'order:' || id, now() FROM payouts_share;
INSERT INTO payouts_journalentry (kind, source, occurred_at)
    SELECT 'release', 'tr_' || id, now() FROM payouts_share;
INSERT INTO payouts_posting (entry_id, account_id, amount)
    SELECT entry.id, account.id, leg.amount
    FROM payouts_share share
    JOIN (VALUES
        ('pay', 'stripe_platform', 12000), ('pay', 'payee_held', -9600), ('pay', 'platform_revenue', -2400),
        ('release', 'payee_held', 9600), ('release', 'payee_available', -9600),
        ('release', 'stripe_connected', 9600), ('release', 'stripe_platform', -9600)
    ) AS leg(entry, account, amount) ON true
    JOIN payouts_journalentry entry ON entry.kind = leg.entry
        AND entry.source = CASE leg.entry WHEN 'pay' THEN 'order:' || share.id ELSE 'tr_' || share.id END
    JOIN payouts_ledgeraccount account ON account.kind = leg.account
        AND account.owner = CASE WHEN leg.account IN ('stripe_platform', 'platform_revenue') THEN 'platform'
                                 ELSE 'payee:' || share.payee_id END;
"""


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connection  # noqa: PLC0415  (after setup)

    from payouts.models import Posting  # noqa: PLC0415
    from payouts.queries.invariants import check  # noqa: PLC0415
    from payouts.queries.ledger import balance  # noqa: PLC0415
    from payouts.rules import AccountKind  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(HISTORY, {"payees": PAYEES, "shares": SHARES})
        cursor.execute("VACUUM ANALYZE")
        count = Posting.objects.count()
        plain = milliseconds(lambda: cursor.execute("SELECT sum(amount) FROM payouts_posting"))
    if found := check():
        raise AssertionError(found[:5])
    checked = milliseconds(check)
    detail = f"all invariants over {count} postings; a plain sum {plain:.1f} ms"
    yield Measure("ledger_check", checked, "ms", 1000, "lower", detail)
    busiest = milliseconds(lambda: balance(AccountKind.STRIPE_PLATFORM, currency="usd"))
    yield Measure(
        "ledger_busiest_balance", busiest, "ms", 50, "lower", f"{2 * SHARES} postings of one account"
    )
    of_payee = milliseconds(lambda: balance(AccountKind.PAYEE_HELD, "payee:1", currency="usd"))
    yield Measure("ledger_payee_balance", of_payee, "ms", 5, "lower", f"one of {PAYEES} payees")


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line())
