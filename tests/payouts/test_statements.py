"""Statements: read from the ledger, chained from month to month, the same whenever they are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.money import Money
from payouts.domain.ledger import post
from payouts.domain.payees import fix_zones, payee_of
from payouts.queries.statements import Places, month_statement, stated_months, year_statement
from payouts.queries.told import told, told_sums
from payouts.rules import AccountKey, AccountKind, Movement
from tests.payouts.conftest import FEES, PLATFORM, REVENUE

pytestmark = pytest.mark.django_db
K = AccountKind


@pytest.fixture
def ledger(payee):
    """Writes entries of Ada's as the verbs would, at any instant."""
    return Ledger(payee)


class Ledger:
    def __init__(self, payee):
        self.payee, self.count = payee, 0

    def of(self, kind):
        return AccountKey.of_payee(kind, self.payee.pk)

    def sell(self, at, paid=12000, share=9600):
        self.write("pay", at, {PLATFORM: paid, self.of(K.PAYEE_HELD): -share, REVENUE: share - paid})

    def refund(self, at, paid, share):
        self.write("refund", at, {PLATFORM: -paid, self.of(K.PAYEE_HELD): share, REVENUE: paid - share})

    def owe(self, at, paid, share):
        self.write("refund", at, {PLATFORM: -paid, self.of(K.PAYEE_DEBT): share, REVENUE: paid - share})

    def net(self, at, amount):
        self.write("netting", at, {self.of(K.PAYEE_HELD): amount, self.of(K.PAYEE_DEBT): -amount})

    def release(self, at, amount):
        self.write("release", at, {self.of(K.PAYEE_HELD): amount, self.of(K.PAYEE_AVAILABLE): -amount}
                   | {self.of(K.STRIPE_CONNECTED): amount, PLATFORM: -amount})  # fmt: skip

    def pay_out(self, at, amount):
        self.write("payout", at, {self.of(K.PAYEE_AVAILABLE): amount, self.of(K.PAYEE_IN_TRANSIT): -amount})

    def arrive(self, at, amount):
        self.write(
            "payout_paid", at, {self.of(K.PAYEE_IN_TRANSIT): amount, self.of(K.STRIPE_CONNECTED): -amount}
        )

    def write(self, kind, at, legs):
        self.count += 1
        post(kind, f"test:{self.count}" if kind != "netting" else f"netting:{self.count}", legs,
             currency="usd", now=at)  # fmt: skip


def at(month, day, hour=12):
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
def autumn(ledger):
    """September: a sale; October: a refund of half, a release, a payout; November: it arrives, a debt."""
    ledger.sell(at(9, 10))
    ledger.refund(at(10, 2), 6000, 4800)
    ledger.release(at(10, 5), 4800)
    ledger.pay_out(at(10, 30), 4800)
    ledger.arrive(at(11, 2), 4800)
    ledger.owe(at(11, 5), 1000, 800)
    ledger.sell(at(11, 20), 2000, 1600)
    ledger.net(at(11, 21), 800)
    return ledger


def test_a_month_leads_from_what_was_there_to_what_is_there(autumn, payee):
    october = month_statement(payee, 2026, 10)

    assert (october.opening, october.closing) == (Places(held=9600), Places(in_transit=4800))
    assert october.movements == [
        (Movement.REFUND, Places(held=-4800)),
        (Movement.RELEASE, Places(held=-4800, available=4800)),
        (Movement.PAYOUT, Places(available=-4800, in_transit=4800)),
    ]
    assert [(line.kind, line.gross, line.fee, line.net) for line in october.earnings] == [
        ("refund", -6000, -1200, -4800)
    ]
    assert [(line.kind, line.size) for line in october.payouts] == [("payout", 4800)]
    assert [(line.kind, line.size) for line in october.transfers] == [("release", 4800)]


def test_what_is_said_in_short_adds_up(autumn, payee):
    november = month_statement(payee, 2026, 11)

    assert told_sums(november) == [
        ("At the beginning", Money(4800, "usd")),
        ("Earned, before fees", Money(2000, "usd")),
        ("Given back to candidates", Money(-1000, "usd")),
        ("Fees", Money(-200, "usd")),
        ("Paid out", Money(-4800, "usd")),
        ("At the end", Money(800, "usd")),
    ]
    assert november.closing == Places(held=800)
    assert sum(amount.minor for _, amount in told_sums(november)[:-1]) == 800


def test_money_that_is_owed_is_below_zero(ledger, payee):
    ledger.sell(at(9, 1))
    ledger.release(at(9, 2), 9600)
    ledger.pay_out(at(9, 3), 9600)
    ledger.arrive(at(9, 4), 9600)
    ledger.owe(at(9, 5), 12000, 9600)

    assert month_statement(payee, 2026, 9).closing == Places(debt=-9600)


def test_later_entries_change_nothing_of_a_month_that_is_over(autumn, payee):
    before = month_statement(payee, 2026, 9), month_statement(payee, 2026, 10)

    autumn.sell(at(11, 25))
    autumn.refund(at(12, 1), 500, 400)

    assert (month_statement(payee, 2026, 9), month_statement(payee, 2026, 10)) == before


def test_a_month_is_over_an_hour_after_it_ended(autumn, payee):
    october = month_statement(payee, 2026, 10)
    assert [october.is_final(at(11, 1, hour)) for hour in (0, 1)] == [False, True]


def test_a_year_is_the_sum_of_its_months(autumn, payee):
    year = year_statement(payee, 2026)

    assert [month.closing.total for month in year.months][8:] == [9600, 4800, 800, 800]
    assert year.whole.sums.earned == 14000
    assert sum(month.sums.earned for month in year.months) == 14000
    assert sum(month.sums.fees for month in year.months) == year.whole.sums.fees == 2400 - 1200 - 200 + 400


def test_the_months_that_can_be_stated_begin_with_the_first_entry(autumn, payee, cleo):
    assert stated_months(payee, now=at(11, 30)) == [date(2026, month, 1) for month in (11, 10, 9)]
    assert stated_months(payee_of(cleo, now=at(9, 1)), now=at(11, 30)) == []


def test_nobody_is_told_of_another_payees_money_or_fee(autumn, payee, cleo):
    hers = payee_of(cleo, now=at(9, 1))
    both = {
        PLATFORM: 20000,
        autumn.of(K.PAYEE_HELD): -8000,
        AccountKey.of_payee(K.PAYEE_HELD, hers.pk): -8000,
        REVENUE: -4000,
    }
    post("pay", "order:both", both, currency="usd", now=at(12, 5))
    post("fee", "charge", {FEES: 300, PLATFORM: -300}, currency="usd", now=at(12, 6))

    [line] = month_statement(hers, 2026, 12).lines
    assert (line.net, line.fee, month_statement(hers, 2026, 12).opening) == (8000, 0, Places())


def test_the_months_of_a_payee_begin_at_his_own_midnight_wherever_he_moves(ledger, payee):
    User.objects.filter(pk=payee.user_id).update(timezone="Pacific/Auckland")
    payee.shares.create(source="test", currency="usd", amount=9600, opened_at=at(9, 1))
    ledger.sell(datetime(2026, 9, 30, 11, 30, tzinfo=UTC))  # half past midnight of 1 October there

    assert (fix_zones(), fix_zones()) == (1, 0)
    User.objects.filter(pk=payee.user_id).update(timezone="America/Los_Angeles")
    payee.refresh_from_db()

    assert [len(month_statement(payee, 2026, month).lines) for month in (9, 10)] == [0, 1]


def test_every_kind_of_entry_is_told_in_words(autumn, payee):
    lines = year_statement(payee, 2026).whole.lines
    assert [told(line) for line in lines][:3] == [
        "Earned",
        "Given back to the candidate",
        "Released to your account at Stripe",
    ]
    assert told(replace(lines[0], kind="some_thing")) == "Some thing"


ZONES = ["UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Europe/London"]
INSTANTS = st.datetimes(datetime(2025, 12, 20), datetime(2027, 1, 12), timezones=st.just(UTC))  # noqa: DTZ001
AMOUNTS = st.integers(1, 100_000)
STORIES = st.lists(st.tuples(INSTANTS, AMOUNTS, st.integers(0, 5)), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=STORIES, zone=st.sampled_from(ZONES))
def test_months_chain_and_a_year_is_their_sum(payee, story, zone):
    with transaction.atomic():
        payee.zone = zone
        ledger = Ledger(payee)
        _tell(ledger, story)
        months = [month_statement(payee, 2025, 12)]
        months += [month_statement(payee, 2026, month) for month in range(1, 13)]
        months.append(month_statement(payee, 2027, 1))
        for earlier, later in pairwise(months):
            assert earlier.closing == later.opening
        year = year_statement(payee, 2026)
        assert [month.lines for month in year.months] == [month.lines for month in months[1:13]]
        assert (year.whole.opening, year.whole.closing) == (months[1].opening, months[12].closing)
        for name in ("earned", "refunded", "lost", "other", "fees", "paid_out"):
            total = sum(getattr(month.sums, name) for month in months[1:13])
            assert getattr(year.whole.sums, name) == total
        for month in months:
            between = [amount.minor for _, amount in told_sums(month)]
            assert sum(between[:-1]) == between[-1] == month.closing.total
            assert len(month.earnings) + len(month.payouts) + len(month.transfers) == len(month.lines)
        transaction.set_rollback(True)


def _tell(ledger, story):
    """Whatever order the instants have, no account that may not is overdrawn: first it is filled."""
    ledger.sell(datetime(2025, 12, 1, tzinfo=UTC), 100_000_000, 80_000_000)
    ledger.release(datetime(2025, 12, 1, tzinfo=UTC), 20_000_000)
    ledger.pay_out(datetime(2025, 12, 1, tzinfo=UTC), 10_000_000)
    steps = [
        lambda at, amount: ledger.sell(at, amount, amount * 8 // 10),
        lambda at, amount: ledger.refund(at, amount, amount * 8 // 10),
        ledger.release,
        ledger.pay_out,
        ledger.arrive,
        lambda at, amount: ledger.owe(at, amount, amount * 8 // 10),
    ]
    for instant, amount, step in story:
        steps[step](instant, amount)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("count", [1, 3])
def test_a_month_takes_as_many_questions_however_long(ledger, payee, count, django_assert_num_queries):
    for each in range(count):
        ledger.sell(at(9, 1) + timedelta(hours=each))
        ledger.release(at(9, 2) + timedelta(hours=each), 9600)

    with django_assert_num_queries(4):
        assert len(month_statement(payee, 2026, 9).lines) == 2 * count
