from __future__ import annotations

from datetime import datetime

import pytest
import stripe

from stripe_emulator import onboarding


@pytest.fixture
def ada(shop):
    """A coach with 9600 that settles on Thursday."""
    account = shop.coach()
    shop.transfer(shop.charge(), account, 9600)
    return account


def payouts(shop, ada):
    return shop.stripe.v1.payouts.list({}, shop.of(ada)).data


def test_a_connected_account_is_paid_on_monday_at_midnight(shop, ada):
    shop.set_clock("2026-11-29T23:59:59Z")
    assert payouts(shop, ada) == []

    shop.set_clock("2026-11-30T00:00:00Z")

    paid_out = payouts(shop, ada)
    assert [(p.amount, p.automatic, p.status, p.method) for p in paid_out] == [
        (9600, True, "pending", "standard")
    ]
    assert shop.totals(ada) == (0, 0)
    assert payouts(shop, None) == []


def test_a_payout_leaves_after_an_hour_and_arrives_two_days_later(shop, ada):
    shop.set_clock("2026-11-30T01:00:00Z")
    assert [p.status for p in payouts(shop, ada)] == ["in_transit"]

    shop.set_clock("2026-12-02T00:00:00Z")

    assert [(p.status, p.arrival_date) for p in payouts(shop, ada)] == [("paid", shop.now())]
    told = [name for name in shop.events(ada) if name.startswith("payout.")]
    assert told == ["payout.created", "payout.reconciliation_completed", "payout.updated", "payout.paid"]


def test_what_settles_on_monday_is_paid_on_monday(shop):
    ada = shop.coach()
    shop.set_clock("2026-11-28T12:00:00Z")
    shop.transfer(shop.charge(), ada, 5000)

    shop.set_clock("2026-11-30T00:00:00Z")

    assert [p.amount for p in payouts(shop, ada)] == [5000]


def test_an_automatic_payout_lists_exactly_what_it_is_made_of(shop, ada):
    transfer = shop.transfer(shop.charge(), ada, 1000)
    shop.stripe.v1.transfers.reversals.create(transfer.id, {"amount": 300})
    shop.set_clock("2026-11-30T00:00:00Z")
    later = shop.transfer(shop.charge(card="4000000000000077"), ada, 77)

    listed = shop.transactions(ada, payout=payouts(shop, ada)[0].id)

    assert listed == [("payout", -10300), ("payment_refund", -300), ("payment", 1000), ("payment", 9600)]
    assert later.amount == 77


def test_weeks_of_payouts_happen_in_order_when_the_clock_jumps(shop, ada):
    shop.set_clock("2026-12-22T12:00:00Z")

    assert [p.amount for p in payouts(shop, ada)] == [9600]
    assert shop.events(ada)[-1] == "payout.paid"
    created = shop.stripe.v1.events.list({"type": "payout.paid"}, shop.of(ada)).data[0].created
    assert created == 1796169600  # Wednesday 2 December, midnight: its own time, not that of the jump


@pytest.mark.parametrize(
    ("schedule", "day"),
    [
        ({"interval": "daily"}, "2026-11-26"),
        ({"interval": "weekly", "weekly_payout_days": ["friday"]}, "2026-11-27"),
        ({"interval": "monthly", "monthly_payout_days": [31]}, "2026-11-30"),
        ({"interval": "monthly", "monthly_payout_days": [5]}, "2026-12-05"),
    ],
)
def test_the_schedule_can_be_changed(shop, ada, schedule, day):
    given = {"payments": {"payouts": {"schedule": schedule}}}
    changed = shop.stripe.v1.balance_settings.update(given, shop.of(ada))
    assert changed.payments.payouts.schedule.interval == schedule["interval"]

    shop.set_clock("2026-12-06T00:00:00Z")

    assert payouts(shop, ada)[-1].created == int(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp())


def test_a_manual_schedule_pays_nothing_by_itself_and_a_minimum_stays(shop, ada):
    settings = shop.stripe.v1.balance_settings
    settings.update({"payments": {"payouts": {"schedule": {"interval": "manual"}}}}, shop.of(ada))
    shop.set_clock("2026-12-10T00:00:00Z")
    assert (payouts(shop, ada), shop.totals(ada)) == ([], (9600, 0))

    weekly = {"schedule": {"interval": "weekly"}, "minimum_balance_by_currency": {"usd": 2000}}
    settings.update({"payments": {"payouts": weekly}}, shop.of(ada))
    shop.set_clock("2026-12-14T00:00:00Z")

    assert ([p.amount for p in payouts(shop, ada)], shop.totals(ada)) == ([7600], (2000, 0))


def test_a_payout_by_request_needs_available_money_and_can_be_canceled(shop, ada):
    api = shop.stripe.v1.payouts
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        api.create({"amount": 100, "currency": "usd"}, shop.of(ada))
    assert refusal.value.code == "balance_insufficient"
    shop.set_clock("2026-11-26T00:00:00Z")

    payout = api.create({"amount": 100, "currency": "usd", "metadata": {"a": "b"}}, shop.of(ada))
    assert (payout.automatic, payout.metadata["a"], shop.totals(ada)) == (False, "b", (9500, 0))

    assert api.cancel(payout.id, None, shop.of(ada)).status == "canceled"
    assert shop.totals(ada) == (9600, 0)
    with pytest.raises(stripe.InvalidRequestError):
        api.cancel(payout.id, None, shop.of(ada))


def test_the_platform_is_paid_when_it_asks(shop):
    shop.charge(card="4000000000000077")

    payout = shop.stripe.v1.payouts.create({"amount": 10000, "currency": "usd"})
    shop.advance(days=3)

    assert shop.stripe.v1.payouts.retrieve(payout.id, {"expand": ["destination"]}).status == "paid"
    assert shop.totals() == (1622, 0)


@pytest.mark.parametrize("paid_before", [False, True], ids=["on its way", "after it was paid"])
def test_a_failed_payout_brings_the_money_back(shop, ada, paid_before):
    shop.set_clock("2026-12-02T00:00:00Z" if paid_before else "2026-11-30T02:00:00Z")
    payout = payouts(shop, ada)[0]
    assert payout.status == ("paid" if paid_before else "in_transit")

    failed = shop.control("POST", f"payouts/{payout.id}/fail", code="could_not_process")

    assert (failed["status"], failed["failure_code"]) == ("failed", "could_not_process")
    assert shop.totals(ada) == (9600, 0)
    assert shop.events(ada)[-1] == "payout.failed"
    assert shop.transactions(ada)[0] == ("payout_failure", 9600)
    shop.set_clock("2026-12-09T00:00:00Z")
    again = payouts(shop, ada)[0]
    assert (again.amount, again.status) == (9600, "paid")
    assert shop.transactions(ada, payout=again.id) == [("payout", -9600), ("payout_failure", 9600)]


@pytest.mark.parametrize(
    ("number", "code"), [("000111111116", "no_account"), ("000111111113", "account_closed")]
)
def test_a_bank_account_that_does_not_exist_gets_one_payout_back_and_no_more(shop, number, code):
    ada = shop.coach(outcome=None)
    onboard_with_bank(shop, ada, number)
    shop.transfer(shop.charge(), ada, 9600)

    shop.set_clock("2026-12-02T00:00:00Z")
    assert [(p.status, p.failure_code) for p in payouts(shop, ada)] == [("failed", code)]

    shop.set_clock("2026-12-20T00:00:00Z")
    assert (len(payouts(shop, ada)), shop.totals(ada)) == (1, (9600, 0))


def onboard_with_bank(shop, account, number):
    form = onboarding.EXAMPLE | {"account_number": number}
    shop.emulator.perform(lambda: onboarding.enter(shop.emulator.world, account, form))


def test_a_debt_is_not_paid_out(shop, ada):
    shop.advance(days=9)
    transfer = shop.stripe.v1.transfers.list().data[0]
    shop.stripe.v1.transfers.reversals.create(transfer.id, {"amount": 600})
    shop.transfer(shop.charge(card="4000000000000077"), ada, 500)

    shop.advance(days=7)

    assert (len(payouts(shop, ada)), shop.totals(ada)) == (1, (-100, 0))
