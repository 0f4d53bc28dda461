"""What the nightly check asks about orders, beside what payouts asks about the ledger itself."""

from __future__ import annotations

from payouts.queries.invariants import Rows, invariant, rows


@invariant(2)
def taken_balances_are_there() -> Rows:
    """What open orders have taken of a balance is still on the ledger."""
    return rows("""
        SELECT format('balance of user %s', taken.buyer_id),
               format('%s taken of %s', taken.total, COALESCE(there.total, 0))
        FROM (
            SELECT buyer_id, currency, sum(balance) AS total FROM payments_order
            WHERE state = 'open' AND balance > 0 GROUP BY buyer_id, currency
        ) taken
        LEFT JOIN (
            SELECT account.owner, account.currency, -sum(posting.amount) AS total
            FROM payouts_posting posting JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            WHERE account.kind = 'customer_balance' GROUP BY account.owner, account.currency
        ) there ON there.owner = 'user:' || taken.buyer_id AND there.currency = taken.currency
        WHERE taken.total > COALESCE(there.total, 0)
    """)


@invariant(3)
def orders_add_up() -> Rows:
    return rows("""
        SELECT format('order %s', o.id), format(
            'card %s + balance %s + goodwill %s against refunded %s + lost %s + shares and fees %s',
            o.card, o.balance, o.goodwill, o.refunded, o.lost, COALESCE(sum(line.share + line.fee), 0)
        )
        FROM payments_order o LEFT JOIN payments_orderline line ON line.order_id = o.id
        WHERE o.state = 'paid'
        GROUP BY o.id
        HAVING o.card + o.balance + o.goodwill
            <> o.refunded + o.lost + COALESCE(sum(line.share + line.fee), 0)
    """)


@invariant(3)
def lines_and_shares_agree() -> Rows:
    return rows("""
        SELECT format('order line %s', line.id), format('share %s, held %s', line.share, share.amount)
        FROM payments_orderline line
        JOIN payments_order o ON o.id = line.order_id AND o.state = 'paid'
        LEFT JOIN payouts_share share ON share.source = 'order_line:' || line.id
        WHERE line.payee_id IS NOT NULL AND share.amount IS DISTINCT FROM line.share
    """)


@invariant(3)
def refunds_are_what_was_refunded() -> Rows:
    """A surplus payment and its refund are no part of the order's own money."""
    return rows("""
        SELECT format('order %s', o.id), format(
            'refunded %s, its refunds %s', o.refunded, COALESCE(sum(refund.amount) FILTER (WHERE own), 0)
        )
        FROM payments_order o
        LEFT JOIN (
            SELECT refund.order_id, refund.amount, payment.surplus IS NOT TRUE AS own
            FROM payments_refund refund
            LEFT JOIN payments_checkoutsession payment ON payment.id = refund.payment_id
        ) refund ON refund.order_id = o.id
        GROUP BY o.id
        HAVING o.refunded <> COALESCE(sum(refund.amount) FILTER (WHERE own), 0)
    """)


@invariant(3)
def orders_and_ledger_agree() -> Rows:
    """What the entry of the payment says came in is what the order says."""
    return rows("""
        SELECT format('order %s', o.id), format('card %s, booked %s', o.card, COALESCE(booked.amount, 0))
        FROM payments_order o
        LEFT JOIN (
            SELECT entry.source, sum(posting.amount) AS amount
            FROM payouts_journalentry entry
            JOIN payouts_posting posting ON posting.entry_id = entry.id
            JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            WHERE entry.kind = 'pay' AND account.kind = 'stripe_platform' GROUP BY entry.source
        ) booked ON booked.source = 'order:' || o.id
        WHERE o.state = 'paid' AND o.card <> COALESCE(booked.amount, 0)
    """)
