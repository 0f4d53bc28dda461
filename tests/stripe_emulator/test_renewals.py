from __future__ import annotations

import pytest
import stripe

from stripe_emulator import periods

from .billing import DAY, at, named, period


@pytest.mark.parametrize(
    ("anchor", "interval", "number", "expected"),
    [
        ("2026-01-31T09:00", "month", 1, "2026-02-28T09:00"),
        ("2026-01-31T09:00", "month", 2, "2026-03-31T09:00"),
        ("2024-02-29T00:00", "year", 1, "2025-02-28T00:00"),
        ("2024-02-29T00:00", "year", 4, "2028-02-29T00:00"),
        ("2026-12-15T23:59", "month", 1, "2027-01-15T23:59"),
        ("2026-11-24T09:00", "week", 2, "2026-12-08T09:00"),
        ("2026-11-24T09:00", "day", 10, "2026-12-04T09:00"),
    ],
)
def test_periods_are_counted_from_their_anchor(anchor, interval, number, expected):
    assert periods.step(at(anchor), interval, 1, number) == at(expected)
    assert periods.following(at(anchor), interval, 1, at(expected) - 1) == at(expected)
    assert periods.following(at(anchor), interval, 1, at(expected)) > at(expected)


def test_a_renewal_is_drafted_at_the_end_and_charged_an_hour_later(shop):
    made = shop.subscribe()

    shop.set_clock("2026-12-24T09:00:00Z")

    invoice = shop.latest_invoice(made)
    assert period(shop.again(made)) == (at("2026-12-24T09:00"), at("2027-01-24T09:00"))
    assert (invoice.status, invoice.billing_reason, invoice.attempted) == (
        "draft",
        "subscription_cycle",
        False,
    )
    assert invoice.automatically_finalizes_at == at("2026-12-24T10:00")
    assert (invoice.period_start, invoice.period_end) == (at("2026-11-24T09:00"), at("2026-12-24T09:00"))
    shop.advance(minutes=59)
    assert shop.latest_invoice(made).status == "draft"
    shop.advance(minutes=1)
    paid = shop.latest_invoice(made)
    assert (paid.status, paid.number[-5:], paid.attempt_count) == ("paid", "-0002", 1)
    assert shop.again(made).status == "active"


def test_it_renews_for_years_whenever_the_clock_is_looked_at(shop):
    made = shop.subscribe(None, shop.price(1000))

    shop.set_clock("2028-11-24T10:00:00Z")

    invoices = shop.stripe.v1.invoices.list({"limit": 100, "subscription": made.id}).data
    assert len(invoices) == 25
    assert {invoice.status for invoice in invoices} == {"paid"}
    assert period(shop.again(made))[1] == at("2028-12-24T09:00")


def test_the_next_invoice_is_announced_a_week_before(shop):
    made = shop.subscribe()

    shop.set_clock("2026-12-17T09:00:00Z")

    [announced] = named(shop, "invoice.upcoming")
    assert (announced["amount_due"], announced["billing_reason"]) == (3000, "subscription_cycle")
    assert announced["period_end"] == at("2026-12-24T09:00")
    assert len(shop.stripe.v1.invoices.list().data) == 1
    assert shop.again(made).latest_invoice != announced["id"]


def test_cancelling_at_the_end_can_be_taken_back(shop):
    made = shop.subscribe()
    subscriptions = shop.stripe.v1.subscriptions

    ending = subscriptions.update(
        made.id, {"cancel_at_period_end": True, "cancellation_details": {"feedback": "too_expensive"}}
    )
    assert (ending.status, ending.cancel_at, ending.canceled_at) == ("active", period(made)[1], shop.now())
    assert ending.cancellation_details.feedback == "too_expensive"
    kept = subscriptions.update(made.id, {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at, kept.cancellation_details.reason) == (None, None, None)
    subscriptions.update(made.id, {"cancel_at_period_end": True})
    shop.set_clock("2026-12-24T12:00:00Z")

    over = shop.again(made)
    assert (over.status, over.ended_at) == ("canceled", period(made)[1])
    assert over.cancellation_details.reason == "cancellation_requested"
    assert shop.events()[-1] == "customer.subscription.deleted"
    assert len(shop.stripe.v1.invoices.list().data) == 1


def test_it_may_end_at_any_instant(shop):
    made = shop.subscribe(cancel_at=shop.now() + 10 * DAY)

    shop.advance(days=10)

    assert (shop.again(made).status, shop.again(made).ended_at) == ("canceled", shop.now())


def test_cancelling_at_once_gives_nothing_back_unless_asked_to(shop):
    plain, prorated = shop.subscribe(), shop.subscribe()
    shop.set_clock("2026-12-09T09:00:00Z")

    over = shop.stripe.v1.subscriptions.cancel(plain.id)
    shop.stripe.v1.subscriptions.cancel(prorated.id, {"prorate": True, "invoice_now": True})

    assert (over.status, over.ended_at, shop.latest_invoice(plain).total) == ("canceled", shop.now(), 3000)
    credit = shop.latest_invoice(prorated)
    assert (credit.total, credit.status) == (-1500, "paid")
    assert shop.stripe.v1.customers.retrieve(prorated.customer).balance == -1500
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.subscriptions.cancel(plain.id)
    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        shop.stripe.v1.subscriptions.update(plain.id, {"description": "x"})
    assert shop.stripe.v1.subscriptions.update(plain.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"


def test_a_trial_costs_nothing_until_it_ends(shop):
    made = shop.subscribe(trial_period_days=14)

    assert (made.status, made.trial_end) == ("trialing", shop.now() + 14 * DAY)
    assert (shop.latest_invoice(made).total, shop.latest_invoice(made).status) == (0, "paid")
    shop.advance(days=11)
    assert shop.events()[-1] == "customer.subscription.trial_will_end"
    shop.advance(days=3)
    assert shop.again(made).status == "active"
    shop.advance(hours=1)
    assert shop.latest_invoice(made).amount_paid == 3000
    assert period(shop.again(made))[1] == at("2027-01-08T09:00")


def test_a_trial_can_end_now_or_later(shop):
    made = shop.subscribe(trial_period_days=14)
    subscriptions = shop.stripe.v1.subscriptions

    longer = subscriptions.update(made.id, {"trial_end": shop.now() + 20 * DAY})
    assert (longer.status, period(longer)[1]) == ("trialing", shop.now() + 20 * DAY)
    over = subscriptions.update(made.id, {"trial_end": "now"})

    assert (over.status, over.trial_end, period(over)[1]) == ("active", shop.now(), at("2026-12-24T09:00"))
    assert shop.latest_invoice(made).amount_paid == 3000


@pytest.mark.parametrize(
    ("behavior", "status", "told"),
    [
        ("cancel", "canceled", "customer.subscription.deleted"),
        ("pause", "paused", "customer.subscription.paused"),
    ],
)
def test_a_trial_without_a_card_ends_as_was_said(shop, behavior, status, told):
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    made = shop.subscribe(shop.customer(None), trial_period_days=7, trial_settings=settings)

    shop.advance(days=8)

    assert shop.again(made).status == status
    assert told in shop.events()
    assert len(shop.stripe.v1.invoices.list().data) == 1


def test_a_paused_one_goes_on_with_a_card(shop):
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    customer = shop.customer(None)
    made = shop.subscribe(customer, trial_period_days=7, trial_settings=settings)
    shop.advance(days=8)
    saved = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    shop.stripe.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": saved.id}})

    resumed = shop.stripe.v1.subscriptions.resume(made.id)

    assert (resumed.status, period(resumed)[0]) == ("active", shop.now())
    assert shop.latest_invoice(made).amount_paid == 3000
    with pytest.raises(stripe.InvalidRequestError, match="paused"):
        shop.stripe.v1.subscriptions.resume(made.id)


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("keep_as_draft", "draft"), ("void", "void"), ("mark_uncollectible", "uncollectible")],
)
def test_while_collection_is_paused_nobody_pays(shop, behavior, status):
    made = shop.subscribe()
    pause = {"behavior": behavior, "resumes_at": shop.now() + 40 * DAY}
    shop.stripe.v1.subscriptions.update(made.id, {"pause_collection": pause})

    shop.advance(days=31)
    assert (shop.again(made).status, shop.latest_invoice(made).status) == ("active", status)
    shop.advance(days=10)
    assert shop.again(made).pause_collection is None
    shop.advance(days=30)

    assert shop.latest_invoice(made).status == "paid"
