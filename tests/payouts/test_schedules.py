"""When Stripe pays accounts out: told once, told again when we think otherwise."""

from __future__ import annotations

import pytest

from integrations.stripe.client import client
from integrations.stripe.errors import DeclinedError
from integrations.stripe.models import StripeOperation
from integrations.stripe.stripe_gateway import StripeGateway
from payouts.domain.payees import start_onboarding
from payouts.domain.schedules import set_schedules
from tests.payouts.conftest import perform_due

pytestmark = pytest.mark.django_db


def payouts_at(account):
    return client().v1.balance_settings.retrieve(options={"stripe_account": account}).payments.payouts


def test_a_new_account_is_paid_out_weekly(payee, stripe, now):
    payee.account = ""
    payee.save()
    start_onboarding(payee, return_url="https://site.test/r", refresh_url="https://site.test/f", now=now)
    perform_due(now)

    payee.refresh_from_db()
    assert payee.schedule == {"weekday": "monday", "minimums": {}}
    shown = payouts_at(payee.account)
    assert (shown.schedule.interval, shown.schedule.weekly_payout_days) == ("weekly", ["monday"])
    assert set_schedules(now) == 0


def test_another_wish_is_told_and_taken_back(onboarded, stripe, settings, now):
    for weekday, minimums in [("monday", {}), ("friday", {"usd": 1000, "eur": 1300}), ("monday", {})]:
        settings.PAYOUT_WEEKDAY, settings.PAYOUT_MINIMUMS = weekday, minimums
        assert (set_schedules(now), set_schedules(now)) == (1, 0)
        perform_due(now)
        shown = payouts_at(onboarded.account)
        assert shown.schedule.weekly_payout_days == [weekday]
        kept = shown.minimum_balance_by_currency
        assert (kept.to_dict() if kept else {}) == ({"usd": 1000} if minimums else {})


def test_a_lost_answer_is_asked_for_with_the_same_key(onboarded, local_stripe, now):
    set_schedules(now)
    local_stripe.lose("POST /v1/balance_settings")
    perform_due(now)
    assert StripeOperation.objects.get().state == "unknown"
    assert set_schedules(now) == 0

    StripeOperation.objects.update(due_at=now)
    perform_due(now)

    onboarded.refresh_from_db()
    assert (StripeOperation.objects.get().state, onboarded.schedule["weekday"]) == ("succeeded", "monday")


def test_what_stripe_refuses_is_not_asked_for_again(onboarded, monkeypatch, now):
    def refuse(*_args, **_parameters):
        raise DeclinedError("No payouts on that day.", code="parameter_invalid")

    monkeypatch.setattr(StripeGateway, "set_payout_schedule", refuse)
    set_schedules(now)
    perform_due(now)
    assert (StripeOperation.objects.get().state, set_schedules(now)) == ("failed", 0)
