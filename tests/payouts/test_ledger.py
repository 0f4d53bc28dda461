from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.domain.ledger import OtherLegsError, OverdrawnError, UnbalancedError, post
from payouts.models import JournalEntry, LedgerAccount, Posting
from payouts.queries.ledger import balance, balances_by_kind
from payouts.rules import NEVER_OVERDRAWN, AccountKey, AccountKind

STRIPE = AccountKey(AccountKind.STRIPE_PLATFORM)
REVENUE = AccountKey(AccountKind.PLATFORM_REVENUE)
HELD = AccountKey.of_payee(AccountKind.PAYEE_HELD, 1)
PAY = {STRIPE: 12000, HELD: -9600, REVENUE: -2400}


@pytest.mark.django_db
def test_an_entry_moves_what_its_legs_say(now):
    entry = post("pay", "order:1", PAY, currency="usd", now=now)

    assert entry == JournalEntry.objects.get(kind="pay", source="order:1", occurred_at=now)
    assert balances_by_kind("usd") == {
        "payee_held": -9600,
        "platform_revenue": -2400,
        "stripe_platform": 12000,
    }
    assert balance(AccountKind.PAYEE_HELD, "payee:1", currency="usd") == -9600
    assert balance(AccountKind.PAYEE_HELD, "payee:2", currency="usd") == 0
    assert balance(AccountKind.STRIPE_PLATFORM, currency="eur") == 0


@pytest.mark.django_db
def test_posting_twice_is_posting_once(now):
    post("pay", "order:1", PAY, currency="usd", now=now)

    assert post("pay", "order:1", PAY, currency="usd", now=now) is None
    assert JournalEntry.objects.count() == 1
    assert Posting.objects.count() == 3


@pytest.mark.django_db
def test_one_source_with_two_amounts_is_refused(now):
    post("pay", "order:1", PAY, currency="usd", now=now)

    with pytest.raises(OtherLegsError):
        post("pay", "order:1", {STRIPE: 1, REVENUE: -1}, currency="usd", now=now)


@pytest.mark.django_db
def test_legs_that_do_not_sum_to_zero_are_refused(now):
    with pytest.raises(UnbalancedError):
        post("pay", "order:1", {STRIPE: 12000, HELD: -9600}, currency="usd", now=now)
    assert JournalEntry.objects.count() == 0


@pytest.mark.django_db
def test_an_entry_that_moves_nothing_is_not_written(now):
    assert post("pay", "order:1", {STRIPE: 0, HELD: 0}, currency="usd", now=now) is None
    assert JournalEntry.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(NEVER_OVERDRAWN))
def test_what_we_owe_is_never_overdrawn(kind, now):
    owed = AccountKey(kind, "somebody")
    post("in", "1", {STRIPE: 500, owed: -500}, currency="usd", now=now)
    post("out", "1", {STRIPE: -500, owed: 500}, currency="usd", now=now)

    with pytest.raises(OverdrawnError):
        post("out", "2", {STRIPE: -1, owed: 1}, currency="usd", now=now)
    assert balance(kind, "somebody", currency="usd") == 0


@pytest.mark.django_db
def test_the_database_refuses_postings_that_do_not_sum_to_zero(now):
    post("pay", "order:1", PAY, currency="usd", now=now)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    [entry, account] = JournalEntry.objects.get(), LedgerAccount.objects.get(kind="platform_revenue")

    with pytest.raises(IntegrityError, match="do not sum to zero"), transaction.atomic():
        Posting.objects.create(entry=entry, account=account, amount=1)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["payouts_posting", "payouts_journalentry", "payouts_ledgeraccount"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_the_past(table, change, now):
    post("pay", "order:1", PAY, currency="usd", now=now)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        connection.cursor().execute(change.format(table))


def in_parallel(count, act):
    """Run ``act`` in so many threads that start together; what each answered, or the refusal it met."""
    barrier, answers = Barrier(count), []

    def run():
        barrier.wait()
        try:
            answers.append(act())
        except OverdrawnError as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_post_one_entry(now):
    answers = in_parallel(8, lambda: post("pay", "order:1", PAY, currency="usd", now=now))

    assert sum(answer is not None for answer in answers) == 1
    assert balance(AccountKind.STRIPE_PLATFORM, currency="usd") == 12000


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_spend_the_same_balance(now):
    ben = AccountKey(AccountKind.CUSTOMER_BALANCE, "user:1")
    post(
        "compensation",
        "booking:1",
        {AccountKey(AccountKind.GOODWILL): 1000, ben: -1000},
        currency="usd",
        now=now,
    )
    orders = iter(range(8))

    answers = in_parallel(
        8, lambda: post("pay", f"order:{next(orders)}", {ben: 600, REVENUE: -600}, currency="usd", now=now)
    )

    assert sum(isinstance(answer, OverdrawnError) for answer in answers) == 7
    assert balance(AccountKind.CUSTOMER_BALANCE, "user:1", currency="usd") == -400
