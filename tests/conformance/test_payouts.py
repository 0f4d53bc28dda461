from __future__ import annotations

import pytest
import stripe

from .conftest import of


@pytest.fixture
def ada(platform):
    """A recipient with 96 dollars available."""
    account = platform.recipient()
    platform.transfer(platform.charge(), account, 9600)
    return account


@pytest.fixture
def payouts(v1, ada):
    return lambda: v1.payouts.list({}, of(ada)).data


def pay(v1, ada, amount=9600):
    return v1.payouts.create({"amount": amount, "currency": "usd"}, of(ada))


def test_a_payout_by_hand_takes_available_money(platform, v1, ada):
    before = platform.balance(ada)[0]

    payout = pay(v1, ada, 100)

    assert (payout.status, payout.automatic) == ("pending", False)
    assert platform.balance(ada)[0] == before - 100


def test_more_than_is_available_is_not_paid_out(v1, ada):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay(v1, ada, 99_999_900)

    assert refusal.value.code == "balance_insufficient"


def test_a_pending_payout_is_canceled_and_the_money_is_back(platform, v1, ada):
    before = platform.balance(ada)
    payout = pay(v1, ada, 100)

    assert v1.payouts.cancel(payout.id, None, of(ada)).status == "canceled"
    assert platform.balance(ada) == before


def test_a_canceled_payout_is_not_canceled_again(v1, ada):
    payout = pay(v1, ada, 100)
    v1.payouts.cancel(payout.id, None, of(ada))

    with pytest.raises(stripe.InvalidRequestError):
        v1.payouts.cancel(payout.id, None, of(ada))


def test_a_pending_payout_is_canceled_not_reversed(v1, ada):
    payout = pay(v1, ada, 100)

    with pytest.raises(stripe.InvalidRequestError):
        v1.payouts.reverse(payout.id, None, of(ada))


def test_a_payout_belongs_to_its_account(v1, ada):
    payout = pay(v1, ada, 100)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payouts.retrieve(payout.id)

    assert refusal.value.code == "resource_missing"


def test_what_a_manual_payout_is_made_of_cannot_be_asked(v1, ada):
    payout = pay(v1, ada, 100)

    with pytest.raises(stripe.InvalidRequestError, match="automatic"):
        v1.balance_transactions.list({"payout": payout.id}, of(ada))


def test_the_schedule_of_an_account_is_set_in_its_name(v1, ada):
    given = {"schedule": {"interval": "weekly", "weekly_payout_days": ["friday"]}}

    settings = v1.balance_settings.update({"payments": {"payouts": given}}, of(ada))

    schedule = settings.payments.payouts.schedule
    assert (schedule.interval, schedule.weekly_payout_days) == ("weekly", ["friday"])


@pytest.mark.emulator_only
def test_a_weekly_payout_takes_all_that_is_available(platform, payouts):
    platform.go_to("2026-11-30T00:00:00Z")

    assert [(p.amount, p.automatic, p.status) for p in payouts()] == [(9600, True, "pending")]


@pytest.mark.emulator_only
def test_a_daily_schedule_pays_every_day(platform, v1, ada, payouts):
    v1.balance_settings.update({"payments": {"payouts": {"schedule": {"interval": "daily"}}}}, of(ada))
    platform.go_to("2026-11-25T00:00:00Z")
    platform.transfer(platform.charge(), ada, 500)

    platform.go_to("2026-11-26T00:00:00Z")

    assert [p.amount for p in payouts()] == [500, 9600]


@pytest.mark.emulator_only
def test_a_monthly_schedule_pays_on_its_day(platform, v1, ada, payouts):
    schedule = {"interval": "monthly", "monthly_payout_days": [5]}
    v1.balance_settings.update({"payments": {"payouts": {"schedule": schedule}}}, of(ada))
    platform.go_to("2026-12-04T23:00:00Z")
    assert payouts() == []

    platform.go_to("2026-12-05T00:00:00Z")

    assert [p.amount for p in payouts()] == [9600]


@pytest.mark.emulator_only
def test_a_manual_schedule_pays_nothing_by_itself(platform, v1, ada, payouts):
    v1.balance_settings.update({"payments": {"payouts": {"schedule": {"interval": "manual"}}}}, of(ada))
    platform.advance(days=40)

    assert payouts() == []


@pytest.mark.emulator_only
def test_a_minimum_stays_in_the_balance(platform, v1, ada, payouts):
    kept = {"minimum_balance_by_currency": {"usd": 2000}}
    v1.balance_settings.update({"payments": {"payouts": kept}}, of(ada))
    platform.go_to("2026-11-30T00:00:00Z")

    assert ([p.amount for p in payouts()], platform.balance(ada)) == ([7600], (2000, 0))


@pytest.mark.emulator_only
def test_a_payout_is_pending_then_in_transit_then_paid(platform, payouts):
    states = []
    for instant in ("2026-11-30T00:00:00Z", "2026-11-30T01:00:00Z", "2026-12-02T00:00:00Z"):
        platform.go_to(instant)
        states.append(payouts()[0].status)

    assert states == ["pending", "in_transit", "paid"]


@pytest.mark.emulator_only
def test_an_automatic_payout_is_made_of_bookings_that_sum_to_it(platform, v1, ada, payouts):
    transfer = platform.transfer(platform.charge(), ada, 1000)
    v1.transfers.reversals.create(transfer.id, {"amount": 300})
    platform.go_to("2026-11-30T00:00:00Z")
    payout = payouts()[0]

    lines = v1.balance_transactions.list({"payout": payout.id}, of(ada)).data

    assert sum(line.net for line in lines if line.type != "payout") == payout.amount == 10300
    assert sum(line.net for line in lines) == 0


@pytest.mark.emulator_only
def test_a_paid_payout_may_fail_and_only_that_is_told(platform, v1, ada, payouts):
    platform.go_to("2026-12-02T00:00:00Z")
    payout = payouts()[0]
    assert payout.status == "paid"

    platform.control(f"payouts/{payout.id}/fail", code="could_not_process")

    failed = payouts()[0]
    assert (failed.status, failed.failure_code) == ("failed", "could_not_process")
    assert v1.events.list({"limit": 1}, of(ada)).data[0].type == "payout.failed"


@pytest.mark.emulator_only
def test_the_money_of_a_failed_payout_is_in_the_balance_again(platform, v1, ada, payouts):
    platform.go_to("2026-12-02T00:00:00Z")
    platform.control(f"payouts/{payouts()[0].id}/fail", code="could_not_process")

    failed = v1.payouts.retrieve(payouts()[0].id, {"expand": ["failure_balance_transaction"]}, of(ada))

    assert failed.failure_balance_transaction.type == "payout_failure"
    assert platform.balance(ada) == (9600, 0)


@pytest.mark.emulator_only
def test_a_failed_payout_is_paid_again_with_the_next(platform, ada, payouts):
    platform.go_to("2026-12-02T00:00:00Z")
    platform.control(f"payouts/{payouts()[0].id}/fail", code="could_not_process")

    platform.go_to("2026-12-09T00:00:00Z")

    assert [(p.amount, p.status) for p in payouts()] == [(9600, "paid"), (9600, "failed")]


@pytest.mark.emulator_only
def test_a_bank_account_without_an_owner_stops_all_payouts(platform, v1, ada, payouts):
    platform.control(f"accounts/{ada}/bank", account_number="000111111116")
    platform.go_to("2026-12-20T00:00:00Z")

    assert [(p.status, p.failure_code) for p in payouts()] == [("failed", "no_account")]
    assert v1.accounts.retrieve(ada).payouts_enabled is False


@pytest.mark.emulator_only
def test_a_refused_bank_account_is_errored_and_another_is_required(platform, v1, v2, ada):
    platform.control(f"accounts/{ada}/bank", account_number="000111111113")
    platform.go_to("2026-12-02T00:00:00Z")

    statuses = {bank.last4: bank.status for bank in v1.accounts.external_accounts.list(ada).data}
    entries = v2.core.accounts.retrieve(ada, {"include": ["requirements"]}).requirements.entries

    assert statuses == {"6789": "new", "1113": "errored"}
    assert [entry.description for entry in entries] == ["payout_method"]


@pytest.mark.emulator_only
def test_without_a_good_bank_account_transfers_go_on(platform, ada):
    platform.control(f"accounts/{ada}/bank", account_number="000111111113")
    platform.go_to("2026-12-02T00:00:00Z")

    platform.transfer(platform.charge(), ada, 100)

    assert platform.balance(ada) == (9700, 0)


@pytest.mark.emulator_only
def test_a_changed_bank_account_gets_the_payouts_again(platform, v1, ada, payouts):
    platform.control(f"accounts/{ada}/bank", account_number="000111111113")
    platform.go_to("2026-12-02T00:00:00Z")
    platform.control(f"accounts/{ada}/bank", account_number="000123456789")
    platform.go_to("2026-12-09T00:00:00Z")

    newest = v1.payouts.list({"expand": ["data.destination"]}, of(ada)).data[0]

    assert (newest.status, newest.destination.last4) == ("paid", "6789")
    assert v1.accounts.retrieve(ada).payouts_enabled is True


@pytest.mark.emulator_only
def test_a_paid_payout_is_taken_back_by_one_of_the_negative_amount(platform, v1, ada, payouts):
    platform.go_to("2026-12-02T00:00:00Z")

    back = v1.payouts.reverse(payouts()[0].id, None, of(ada))

    assert (back.amount, back.original_payout) == (-9600, payouts()[1].id)
    assert payouts()[1].reversed_by == back.id


@pytest.mark.emulator_only
def test_what_was_taken_back_is_available_when_it_arrives(platform, v1, ada, payouts):
    v1.balance_settings.update({"payments": {"payouts": {"schedule": {"interval": "manual"}}}}, of(ada))
    payout = pay(v1, ada)
    platform.advance(days=3)
    v1.payouts.reverse(payout.id, None, of(ada))
    assert platform.balance(ada) == (0, 9600)

    platform.advance(days=3)

    assert platform.balance(ada) == (9600, 0)


@pytest.mark.emulator_only
def test_a_payout_is_taken_back_once(platform, v1, ada, payouts):
    platform.go_to("2026-12-02T00:00:00Z")
    v1.payouts.reverse(payouts()[0].id, None, of(ada))

    with pytest.raises(stripe.InvalidRequestError):
        v1.payouts.reverse(payouts()[1].id, None, of(ada))


@pytest.mark.emulator_only
def test_a_debt_is_not_paid_out(platform, v1, ada, payouts):
    platform.go_to("2026-12-02T00:00:00Z")
    v1.transfers.reversals.create(v1.transfers.list({"destination": ada}).data[0].id, {"amount": 600})
    platform.transfer(platform.charge(), ada, 500)

    platform.go_to("2026-12-09T00:00:00Z")

    assert (len(payouts()), platform.balance(ada)) == (1, (-100, 0))
