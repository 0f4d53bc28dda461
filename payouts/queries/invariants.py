"""Truths asked of the whole database: one query per invariant of docs/money.md, each answers what breaks it.

Apps above add theirs with ``@invariant``. Number 6 compares with Stripe and needs the network:
``payouts.domain.comparing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from moneyed import CurrencyDoesNotExist

from core.money import exponent, smallest_step
from payouts.models import LedgerAccount
from payouts.rules import NEVER_OVERDRAWN


@dataclass(frozen=True)
class Breach:
    """Something that should not be: the invariant's number, what it is about, and what is wrong with it."""

    invariant: int
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.invariant}. {self.subject}: {self.message}"


WORDS = {
    1: "The postings of every entry sum to zero",
    2: "Nothing that is owed to somebody is overdrawn",
    3: "What was paid for an order is what went back, what was lost, shares, fees and tax",
    4: "No share is sent out more often than it is earned",
    5: "Everything at Stripe is booked once",
    6: "The ledger has what Stripe has",
    7: "Every payout is the sum of its lines",
    8: "Every amount fits its currency",
    9: "Coaches see what the ledger says they earned",
}
"""What each invariant promises, for people. Number 6 needs the network."""

Rows = Iterable[tuple[str, str]]
Ask = Callable[[], Rows]


@dataclass(frozen=True)
class Invariant:
    """``ask`` answers pairs of subject and complaint; none while it holds."""

    number: int
    ask: Ask

    def breaches(self) -> list[Breach]:
        return [Breach(self.number, subject, message) for subject, message in self.ask()]


INVARIANTS: list[Invariant] = []


def invariant(number: int) -> Callable[[Ask], Ask]:
    """Register a question that ``check`` asks."""

    def bind(ask: Ask) -> Ask:
        INVARIANTS.append(Invariant(number, ask))
        return ask

    return bind


def check() -> list[Breach]:
    """Everything that is wrong with the books, in order of the invariants. Empty: all hold."""
    ordered = sorted(INVARIANTS, key=lambda invariant: invariant.number)
    return [breach for invariant in ordered for breach in invariant.breaches()]


def rows(sql: str, params: dict[str, Any] | None = None) -> Rows:
    """What a query for subject and complaint answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[str, str]] = cursor.fetchall()
    return found


@invariant(1)
def entries_sum_to_zero() -> Rows:
    return rows("""
        SELECT format('entry %s %s', entry.kind, entry.source),
               format('its postings sum to %s %s', wrong.total, wrong.currency)
        FROM (
            SELECT posting.entry_id, account.currency, sum(posting.amount) AS total
            FROM payouts_posting posting
            JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            GROUP BY posting.entry_id, account.currency HAVING sum(posting.amount) <> 0
        ) wrong JOIN payouts_journalentry entry ON entry.id = wrong.entry_id
        ORDER BY entry.id
    """)


@invariant(2)
def nothing_is_overdrawn() -> Rows:
    """Nor is available money, but by what Stripe reports: a payee has there what we say he has there."""
    return rows(
        """
        WITH balance AS (
            SELECT account.kind, account.owner, account.currency, sum(posting.amount) AS total
            FROM payouts_posting posting
            JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            WHERE account.kind = ANY(%(guarded)s)
               OR account.kind = ANY('{stripe_connected, payee_available, payee_in_transit}')
            GROUP BY account.id
        )
        SELECT format('%%s of %%s', kind, owner), format('overdrawn by %%s %%s', total, currency)
        FROM balance WHERE kind = ANY(%(guarded)s) AND total > 0
        UNION ALL
        SELECT format('account of %%s', owner),
               format('at Stripe, available and in transit differ by %%s %%s', sum(total), currency)
        FROM balance WHERE kind = ANY('{stripe_connected, payee_available, payee_in_transit}')
        GROUP BY owner, currency HAVING sum(total) <> 0
        """,
        {"guarded": sorted(NEVER_OVERDRAWN)},
    )


@invariant(4)
def no_share_is_overpaid() -> Rows:
    return rows("""
        SELECT format('share %s', source), format(
            'released %s + netted %s - reversed %s - debt %s against a share of %s, %s',
            released, netted, reversed, debt, amount, state
        )
        FROM payouts_share
        WHERE released + netted - reversed - debt > amount OR reversed > released OR recovered > debt
           OR least(amount, released, reversed, debt, recovered, netted) < 0
           OR state NOT IN ('held', 'frozen') AND released + netted - reversed - debt <> amount
        ORDER BY id
    """)


@invariant(4)
def shares_are_frozen_for_a_cause() -> Rows:
    """While there is one, what has not been sent is frozen, and never else. A release on its way goes on."""
    return rows("""
        SELECT format('share %s', share.source),
               format('%s, held back by %s', share.state, coalesce(string_agg(hold.cause, ', '), 'nothing'))
        FROM payouts_share share
        LEFT JOIN payouts_sharehold hold ON hold.share_id = share.id AND hold.ended_at IS NULL
        WHERE share.state IN ('held', 'frozen') AND NOT EXISTS (
            SELECT FROM payouts_release release
            WHERE release.share_id = share.id AND release.state = 'planned'
        )
        GROUP BY share.id
        HAVING (share.state = 'frozen') <> (count(hold.id) > 0)
        ORDER BY share.id
    """)


@invariant(4)
def shares_are_the_sum_of_what_happened() -> Rows:
    """What a share says was sent, came back, was kept and was paid back is what its own rows say."""
    return rows("""
        WITH sent AS (
            SELECT release.share_id, sum(transfer.amount) AS amount
            FROM payouts_transfer transfer JOIN payouts_release release ON release.id = transfer.release_id
            WHERE transfer.stripe_id <> '' GROUP BY release.share_id
        ), back AS (
            SELECT release.share_id, sum(reversal.amount) AS amount
            FROM payouts_reversal reversal
            JOIN payouts_transfer transfer ON transfer.id = reversal.transfer_id
            JOIN payouts_release release ON release.id = transfer.release_id
            WHERE reversal.state = 'done' GROUP BY release.share_id
        ), kept AS (
            SELECT share_id, sum(amount) AS amount FROM payouts_netting GROUP BY share_id
        ), recovered AS (
            SELECT debtor_id AS share_id, sum(amount) AS amount FROM payouts_netting GROUP BY debtor_id
        )
        SELECT format('share %s', share.source), format(
            'released %s, reversed %s, netted %s, recovered %s; its rows say %s, %s, %s, %s',
            share.released, share.reversed, share.netted, share.recovered,
            coalesce(sent.amount, 0), coalesce(back.amount, 0), coalesce(kept.amount, 0),
            coalesce(recovered.amount, 0)
        )
        FROM payouts_share share
        LEFT JOIN sent ON sent.share_id = share.id LEFT JOIN back ON back.share_id = share.id
        LEFT JOIN kept ON kept.share_id = share.id LEFT JOIN recovered ON recovered.share_id = share.id
        WHERE (share.released, share.reversed, share.netted, share.recovered) <> (
            coalesce(sent.amount, 0), coalesce(back.amount, 0), coalesce(kept.amount, 0),
            coalesce(recovered.amount, 0)
        )
        ORDER BY share.id
    """)


@invariant(5)
def everything_is_booked_once() -> Rows:
    return rows("""
        SELECT format('share %s', share_id), format('%s unreversed releases', count(*))
        FROM payouts_release WHERE state IN ('planned', 'done') GROUP BY share_id HAVING count(*) > 1
        UNION ALL
        SELECT format('entry %s %s', kind, source), format('booked %s times', count(*))
        FROM payouts_journalentry GROUP BY kind, source HAVING count(*) > 1
        UNION ALL
        SELECT moved.stripe_id,
               format('%s of %s at Stripe, %s booked', moved.kind, moved.amount, booked.amount)
        FROM (
            SELECT 'release' AS kind, stripe_id, amount FROM payouts_transfer WHERE stripe_id <> ''
            UNION ALL
            SELECT 'reversal', stripe_id, -amount FROM payouts_reversal WHERE stripe_id <> ''
            UNION ALL
            SELECT 'payout_paid', stripe_id, -amount FROM payouts_payout WHERE state = 'paid'
        ) moved
        LEFT JOIN (
            SELECT entry.kind, entry.source, posting.amount
            FROM payouts_journalentry entry
            JOIN payouts_posting posting ON posting.entry_id = entry.id
            JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            WHERE entry.kind IN ('release', 'reversal', 'payout_paid') AND account.kind = 'stripe_connected'
        ) booked ON booked.kind = moved.kind AND booked.source = moved.stripe_id
        WHERE booked.amount IS DISTINCT FROM moved.amount
    """)


@invariant(7)
def payouts_are_the_sum_of_their_lines() -> Rows:
    """Stripe may list the lines some time after it made the payout, at the latest when it is paid.

    Of a payout by hand it lists none.
    """
    return rows("""
        SELECT format('payout %s', payout.stripe_id),
               format('%s paid out, its lines sum to %s', payout.amount, coalesce(sum(line.amount), 0))
        FROM payouts_payout payout LEFT JOIN payouts_payoutline line ON line.payout_id = payout.id
        GROUP BY payout.id
        HAVING coalesce(sum(line.amount), 0) <> payout.amount
           AND (count(line.id) > 0 OR payout.state = 'paid' AND payout.automatic)
    """)


@invariant(8)
def amounts_fit_their_currency() -> Rows:
    """What we had Stripe move is a multiple of what it can move. Its own fees are what it says they are."""
    currencies = LedgerAccount.objects.values_list("currency", flat=True).distinct()
    steps = {currency: _step_or_zero(currency) for currency in currencies}
    unknown = [(currency, "no such currency") for currency, step in steps.items() if not step]
    coarse = {currency: step for currency, step in steps.items() if step > 1}
    return [*unknown, *(found for pair in coarse.items() for found in _off_step(*pair))]


def _step_or_zero(currency: str) -> int:
    try:
        exponent(currency)
    except CurrencyDoesNotExist:
        return 0
    return smallest_step(currency)


def _off_step(currency: str, step: int) -> Rows:
    return rows(
        """
        SELECT format('entry %%s %%s', entry.kind, entry.source),
               format('%%s %%s is no multiple of %%s', posting.amount, account.currency, %(step)s)
        FROM payouts_posting posting
        JOIN payouts_ledgeraccount account ON account.id = posting.account_id
        JOIN payouts_journalentry entry ON entry.id = posting.entry_id
        WHERE account.currency = %(currency)s AND account.kind IN ('stripe_platform', 'stripe_connected')
          AND posting.amount %% %(step)s <> 0
          AND NOT EXISTS (
              SELECT FROM payouts_posting fee JOIN payouts_ledgeraccount fees ON fees.id = fee.account_id
              WHERE fee.entry_id = entry.id AND fees.kind = 'stripe_fees'
          )
        """,
        {"currency": currency, "step": step},
    )


@invariant(9)
def earnings_are_what_the_ledger_says() -> Rows:
    """Held and frozen, debt, and what was sent: the shares of each payee against his accounts and payouts."""
    return rows("""
        WITH earned AS (
            SELECT payee_id,
                   sum(amount - released - netted + reversed + debt)
                       FILTER (WHERE state IN ('held', 'frozen')) AS held,
                   sum(debt - recovered) AS debt,
                   sum(released - reversed) AS sent,
                   sum(netted - recovered) AS unmatched
            FROM payouts_share GROUP BY payee_id
        ), booked AS (
            SELECT account.owner,
                   -sum(posting.amount) FILTER (WHERE account.kind = 'payee_held') AS held,
                   sum(posting.amount) FILTER (WHERE account.kind = 'payee_debt') AS debt,
                   -sum(posting.amount) FILTER (WHERE account.kind IN ('payee_available', 'payee_in_transit'))
                       AS at_stripe
            FROM payouts_posting posting
            JOIN payouts_ledgeraccount account ON account.id = posting.account_id
            WHERE account.kind IN ('payee_held', 'payee_debt', 'payee_available', 'payee_in_transit')
            GROUP BY account.owner
        ), paid AS (
            SELECT payee_id, sum(amount) AS amount FROM payouts_payout WHERE state = 'paid' GROUP BY payee_id
        ), compared AS (
            SELECT payee.id,
                   coalesce(earned.held, 0) AS held, coalesce(booked.held, 0) AS held_booked,
                   coalesce(earned.debt, 0) AS debt, coalesce(booked.debt, 0) AS debt_booked,
                   coalesce(earned.sent, 0) AS sent,
                   coalesce(booked.at_stripe, 0) + coalesce(paid.amount, 0) AS sent_booked,
                   coalesce(earned.unmatched, 0) AS unmatched
            FROM payouts_payee payee
            LEFT JOIN earned ON earned.payee_id = payee.id
            LEFT JOIN booked ON booked.owner = format('payee:%s', payee.id)
            LEFT JOIN paid ON paid.payee_id = payee.id
        )
        SELECT format('payee %s', id), format(
            'shares say held %s, debt %s, sent %s, netted beyond debts %s; the ledger %s, %s, %s',
            held, debt, sent, unmatched, held_booked, debt_booked, sent_booked
        )
        FROM compared
        WHERE (held, debt, sent, unmatched) <> (held_booked, debt_booked, sent_booked, 0)
        ORDER BY id
    """)
