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
            'card %s + balance %s + goodwill %s against refunded %s + lost %s + shares, fees and tax %s',
            o.card, o.balance, o.goodwill, o.refunded, o.lost,
            COALESCE(sum(line.share + line.fee + line.tax_kept), 0)
        )
        FROM payments_order o LEFT JOIN payments_orderline line ON line.order_id = o.id
        WHERE o.state = 'paid'
        GROUP BY o.id
        HAVING o.card + o.balance + o.goodwill
            <> o.refunded + o.lost + COALESCE(sum(line.share + line.fee + line.tax_kept), 0)
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
def lines_add_up() -> Rows:
    """Each line by itself: ``kept + goodwill = share + fee + tax``."""
    return rows("""
        SELECT format('order line %s', line.id), format(
            'paid %s + goodwill %s against refunded %s + lost %s + share %s + fee %s + tax %s',
            line.paid, line.goodwill, line.refunded, line.lost, line.share, line.fee, line.tax_kept
        )
        FROM payments_orderline line
        WHERE line.paid + line.goodwill
            <> line.refunded + line.lost + line.share + line.fee + line.tax_kept
    """)


@invariant(3)
def orders_are_the_sum_of_their_lines() -> Rows:
    return rows("""
        SELECT format('order %s', o.id), format(
            'paid %s, refunded %s, lost %s, goodwill %s; its lines %s, %s, %s, %s',
            o.card + o.balance, o.refunded, o.lost, o.goodwill,
            sum(line.paid), sum(line.refunded), sum(line.lost), sum(line.goodwill)
        )
        FROM payments_order o JOIN payments_orderline line ON line.order_id = o.id
        WHERE o.state = 'paid'
        GROUP BY o.id
        HAVING (o.card + o.balance, o.refunded, o.lost, o.goodwill)
            <> (sum(line.paid), sum(line.refunded), sum(line.lost), sum(line.goodwill))
    """)


@invariant(3)
def refunds_are_what_was_refunded() -> Rows:
    """Of every line. A surplus payment and its refund belong to none."""
    return rows("""
        SELECT format('order line %s', line.id), format(
            'refunded %s, its refunds %s', line.refunded, COALESCE(sum(refund.amount), 0)
        )
        FROM payments_orderline line LEFT JOIN payments_refund refund ON refund.line_id = line.id
        GROUP BY line.id
        HAVING line.refunded <> COALESCE(sum(refund.amount), 0)
    """)


@invariant(3)
def what_was_lost_was_disputed() -> Rows:
    """What disputes took of an order is what its lines lost."""
    return rows("""
        SELECT format('order %s', o.id), format('lost %s, in disputes %s', o.lost, sum(dispute.lost))
        FROM payments_order o JOIN payments_dispute dispute ON dispute.order_id = o.id
        GROUP BY o.id HAVING o.lost <> sum(dispute.lost)
        UNION ALL
        SELECT format('order %s', o.id), format('lost %s without a dispute', o.lost)
        FROM payments_order o
        WHERE o.lost > 0 AND NOT EXISTS (SELECT FROM payments_dispute WHERE order_id = o.id)
    """)


@invariant(3)
def disputes_and_ledger_agree() -> Rows:
    """Suspense is what banks hold undecided, losses what they kept beyond what was kept of the orders."""
    return rows("""
        WITH booked AS (
            SELECT account.currency,
                   sum(posting.amount) FILTER (WHERE account.kind = 'dispute_suspense') AS suspended,
                   sum(posting.amount) FILTER (WHERE account.kind = 'losses') AS excess
            FROM payouts_posting posting
            JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            JOIN payouts_journalentry entry ON entry.id = posting.entry_id
            WHERE account.kind = 'dispute_suspense'
               OR (account.kind = 'losses' AND entry.kind IN ('dispute_lost', 'refund_by_bank'))
            GROUP BY account.currency
        ), disputed AS (
            SELECT currency, sum(suspended) AS suspended, sum(excess) AS excess
            FROM payments_dispute GROUP BY currency
        )
        SELECT format('disputes in %s', coalesce(booked.currency, disputed.currency)), format(
            'in suspense %s, lost beyond orders %s; the ledger says %s and %s',
            coalesce(disputed.suspended, 0), coalesce(disputed.excess, 0),
            coalesce(booked.suspended, 0), coalesce(booked.excess, 0)
        )
        FROM booked FULL JOIN disputed ON disputed.currency = booked.currency
        WHERE (coalesce(disputed.suspended, 0), coalesce(disputed.excess, 0))
            <> (coalesce(booked.suspended, 0), coalesce(booked.excess, 0))
    """)


@invariant(3)
def banks_gave_in_place_of_refunds() -> Rows:
    """What a bank gave in place of a refund is said once by the dispute and once by the refund."""
    return rows("""
        SELECT format('payment %s', payment.stripe_id),
               format('disputes gave %s in place of refunds, refunds got %s', gave.amount, got.amount)
        FROM payments_checkoutsession payment
        JOIN (
            SELECT payment_id, sum(in_place) AS amount FROM payments_dispute GROUP BY payment_id
        ) gave ON gave.payment_id = payment.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(by_bank), 0) AS amount FROM payments_refund WHERE payment_id = payment.id
        ) got
        WHERE gave.amount <> got.amount
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


@invariant(3)
def tax_is_what_the_ledger_owes() -> Rows:
    """What the lines say of the tax in what is kept lies on ``tax_payable``, in each currency."""
    return rows("""
        SELECT 'tax payable', format('lines say %s %s, the ledger %s', kept.total, kept.currency, owed.total)
        FROM (
            SELECT o.currency, sum(line.tax_kept) AS total
            FROM payments_orderline line JOIN payments_order o ON o.id = line.order_id GROUP BY o.currency
        ) kept
        FULL JOIN (
            SELECT account.currency, -sum(posting.amount) AS total
            FROM payouts_posting posting JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            WHERE account.kind = 'tax_payable' GROUP BY account.currency
        ) owed USING (currency)
        WHERE COALESCE(kept.total, 0) <> COALESCE(owed.total, 0)
    """)
