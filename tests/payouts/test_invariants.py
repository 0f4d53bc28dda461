"""Each invariant is broken behind the back of the guards, and seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from payouts.domain.ledger import post
from payouts.domain.payouts import sync_payouts
from payouts.domain.reconciling import reconcile
from payouts.domain.shares import freeze
from payouts.models import JournalEntry, Payout, PayoutLine, Posting, Release, Share, ShareHold
from payouts.queries.invariants import INVARIANTS, check
from payouts.rules import AccountKey, AccountKind
from tests.payouts.conftest import share
from tests.payouts.test_releases import release

pytestmark = pytest.mark.django_db


def sql(statement, *params):
    """What only somebody with all rights can do: the guards are down for one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, params)
        cursor.execute("SET LOCAL session_replication_role = origin")


def drop(table, constraint):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def complaints(number):
    found = check()
    assert {difference.invariant for difference in found} == {number}
    return [f"{difference.subject}: {difference.message}" for difference in found]


@pytest.fixture
def paid_out(shop, local_stripe, now):
    """A share that went all the way to the bank."""
    source = shop.sell(12000)
    release(now)
    local_stripe.at(now + timedelta(days=8))
    sync_payouts(now + timedelta(days=8))
    assert (share(source).state, check()) == ("paid", [])
    return source


def test_1_an_entry_that_does_not_sum_to_zero_is_seen(books):
    books.sell(12000)
    sql("UPDATE payouts_posting SET amount = amount + 7 WHERE amount = 12000")

    assert complaints(1) == ["entry pay order:1: its postings sum to 7 usd"]


def test_2_an_overdrawn_account_is_seen(now):
    ben = AccountKey(AccountKind.CUSTOMER_BALANCE, "user:1")
    post("compensation", "1", {AccountKey(AccountKind.GOODWILL): 1000, ben: -1000}, currency="usd", now=now)
    sql("UPDATE payouts_posting SET amount = -amount")

    assert complaints(2) == ["customer_balance of user:1: overdrawn by 1000 usd"]


def test_2_available_money_that_is_not_at_stripe_is_seen(shop, payee, now):
    shop.sell(12000)
    release(now)
    sql("UPDATE payouts_ledgeraccount SET owner = 'payee:0' WHERE kind = 'stripe_connected'")

    assert sorted(complaints(2)) == [
        "account of payee:0: at Stripe, available and in transit differ by 9600 usd",
        f"account of payee:{payee.pk}: at Stripe, available and in transit differ by -9600 usd",
    ]


@pytest.mark.parametrize(
    ("column", "seen"),
    [
        ("netted", "released 0 + netted 9601 - reversed 0 - debt 0 against a share of 9600, held"),
        ("reversed", "released 0 + netted 0 - reversed 9601 - debt 0 against a share of 9600, held"),
        ("recovered", "released 0 + netted 0 - reversed 0 - debt 0 against a share of 9600, held"),
    ],
)
def test_4_an_impossible_share_is_seen(books, column, seen):
    source = books.sell(12000)
    for constraint in ("not_overpaid", "reversed_was_released", "recovered_was_owed"):
        drop("payouts_share", f"share_{constraint}")
    Share.objects.filter(source=source).update(**{column: 9601})

    found = [breach.message for breach in check() if breach.invariant == 4]
    assert found[0] == seen
    assert "its rows say 0, 0, 0, 0" in found[1]


def test_5_two_unreversed_releases_are_seen(books, now):
    source = books.sell(12000)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX release_one_unreversed")
    for number in (1, 2):
        Release.objects.create(share=share(source), number=number, planned_at=now)

    assert complaints(5) == [f"share {share(source).pk}: 2 unreversed releases"]


def test_5_a_transfer_that_was_not_booked_is_seen(paid_out):
    sql("UPDATE payouts_journalentry SET kind = 'lease' WHERE kind = 'release'")

    [complaint] = complaints(5)
    assert complaint.endswith(": release of 9600 at Stripe,  booked")


def test_7_a_payout_that_is_not_the_sum_of_its_lines_is_seen(paid_out):
    PayoutLine.objects.update(amount=9599)

    assert complaints(7) == [f"payout {Payout.objects.get().stripe_id}: 9600 paid out, its lines sum to 9599"]


def test_7_a_paid_payout_without_lines_is_seen(paid_out):
    PayoutLine.objects.all().delete()

    assert complaints(7) == [f"payout {Payout.objects.get().stripe_id}: 9600 paid out, its lines sum to 0"]


def test_4_a_share_that_is_frozen_for_nothing_or_not_for_its_cause_is_seen(books, now):
    source, other = books.sell(12000), books.sell(12000)
    freeze(source, cause="report:1", by=None, reason="report", now=now)
    assert check() == []

    ShareHold.objects.update(ended_at=now)
    ShareHold.objects.create(share=Share.objects.get(source=other), cause="dispute:1", began_at=now)
    assert complaints(4) == [
        f"share {source}: frozen, held back by nothing",
        f"share {other}: held, held back by dispute:1",
    ]


def test_8_an_amount_that_stripe_cannot_move_is_seen(books):
    books.sell(12001)
    sql("UPDATE payouts_ledgeraccount SET currency = 'kwd'")

    assert complaints(8) == ["entry pay order:1: 12001 kwd is no multiple of 10"]


def test_8_a_currency_that_does_not_exist_is_seen(books):
    books.sell(12000)
    sql("UPDATE payouts_ledgeraccount SET currency = 'xqx'")

    assert complaints(8) == ["xqx: no such currency"]


def test_9_shares_and_ledger_that_differ_are_seen(books, payee):
    source = books.sell(12000)
    Share.objects.filter(source=source).update(amount=9500)

    shares, ledger = "held 9500, debt 0, sent 0, netted beyond debts 0", "9600, 0, 0"
    assert complaints(9) == [f"payee {payee.pk}: shares say {shares}; the ledger {ledger}"]


def test_9_frozen_money_is_held_money(books, now):
    freeze(books.sell(12000), cause="report:1", by=None, reason="report", now=now)

    assert check() == []


def test_check_ledger_counts_entries_and_invariants(books, capsys):
    books.sell(12000)

    call_command("check_ledger")

    count = len({invariant.number for invariant in INVARIANTS})
    assert capsys.readouterr().out == f"ledger: 1 entries, {count} invariants hold\n"


def test_check_ledger_compares_with_stripe(shop, local_stripe, now, capsys):
    shop.sell(12000)
    release(now)

    call_command("check_ledger", "--stripe")

    count = len({invariant.number for invariant in INVARIANTS}) + 1
    assert (
        capsys.readouterr().out
        == f"ledger: {JournalEntry.objects.count()} entries, {count} invariants hold\n"
    )


def test_check_ledger_lists_what_is_wrong_and_fails(books):
    books.sell(12000)
    sql("UPDATE payouts_posting SET amount = amount + 7 WHERE amount = 12000")

    with pytest.raises(CommandError) as refusal:
        call_command("check_ledger")
    assert refusal.value.returncode == 1
    assert str(refusal.value) == "ledger: 1 differences\n1. entry pay order:1: its postings sum to 7 usd"


def test_check_ledger_says_that_stripe_did_not_answer(shop, local_stripe):
    local_stripe.lose("GET /v1/balance")

    with pytest.raises(CommandError, match="Stripe did not answer"):
        call_command("check_ledger", "--stripe")


def test_the_guards_are_up_again(books):
    books.sell(12000)

    with pytest.raises(Exception, match="only grows"):
        Posting.objects.update(amount=1)


def test_the_nightly_proof_says_what_is_wrong(books, now, caplog):
    books.sell(12000)
    assert reconcile(now, names=["books"]) == 0
    assert "ledger.difference" not in caplog.text

    sql("UPDATE payouts_posting SET amount = amount + 7 WHERE amount = 12000")
    assert reconcile(now, names=["books"]) == 1
    assert "its postings sum to 7 usd" in caplog.text
