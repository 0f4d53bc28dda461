"""What becomes of a subscription whose card is charged in vain."""

from __future__ import annotations

import pytest

from .billing import at, named


@pytest.fixture
def unlucky(shop):
    return owing(shop)


def owing(shop):
    """A subscription whose first renewal has just failed: at ten o'clock on Christmas Eve."""
    customer = shop.customer()
    made = shop.subscribe(customer)
    bad = shop.stripe.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    shop.stripe.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": bad.id}})
    shop.set_clock("2026-12-24T10:00:00Z")
    return made


def give_good_card(shop, subscription):
    good = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": subscription.customer})
    shop.stripe.v1.customers.update(
        subscription.customer, {"invoice_settings": {"default_payment_method": good.id}}
    )


def test_a_failed_renewal_makes_it_past_due_and_is_tried_again(shop, unlucky):
    invoice = shop.latest_invoice(unlucky)

    assert shop.again(unlucky).status == "past_due"
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt == at("2026-12-27T10:00")
    [failed] = named(shop, "invoice.payment_failed")
    assert failed["next_payment_attempt"] == invoice.next_payment_attempt
    assert shop.stripe.v1.customers.retrieve(unlucky.customer).delinquent is True


def test_it_is_tried_after_three_five_and_seven_days_then_given_up(shop, unlucky):
    seen = []
    for day in range(1, 20):
        shop.set_clock(
            f"{'2026-12' if day < 8 else '2027-01'}-{24 + day if day < 8 else day - 7:02}T10:00:00Z"
        )
        invoice = shop.latest_invoice(unlucky)
        seen.append((day, invoice.attempt_count, shop.again(unlucky).status))

    changes = [
        entry
        for entry, before in zip(seen, [(0, 1, "past_due"), *seen], strict=False)
        if entry[1:] != before[1:]
    ]
    assert changes == [(3, 2, "past_due"), (8, 3, "past_due"), (15, 4, "canceled")]
    over = shop.again(unlucky)
    assert over.cancellation_details.reason == "payment_failed"
    last = shop.latest_invoice(unlucky)
    assert (last.status, last.next_payment_attempt, last.auto_advance) == ("open", None, False)
    assert len([charge for charge in shop.stripe.v1.charges.list().data if not charge.paid]) == 4


def test_another_card_in_time_brings_it_back(shop, unlucky):
    give_good_card(shop, unlucky)

    shop.set_clock("2026-12-27T10:00:00Z")

    assert (shop.again(unlucky).status, shop.latest_invoice(unlucky).status) == ("active", "paid")
    assert shop.latest_invoice(unlucky).attempt_count == 2
    updated = [entry["status"] for entry in named(shop, "customer.subscription.updated")]
    assert updated == ["active", "active", "past_due", "active"]
    shop.set_clock("2027-01-24T10:00:00Z")
    assert shop.latest_invoice(unlucky).status == "paid"


def test_paying_by_hand_does_not_disturb_the_schedule(shop, unlucky):
    invoice = shop.latest_invoice(unlucky)
    shop.set_clock("2026-12-25T10:00:00Z")

    response = shop.ask("POST", f"/v1/invoices/{invoice.id}/pay")

    after = shop.latest_invoice(unlucky)
    assert (response.status, after.attempt_count) == (402, 1)
    assert after.next_payment_attempt == at("2026-12-27T10:00")
    assert shop.stripe.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"}).status == "paid"
    assert shop.again(unlucky).status == "active"
    shop.set_clock("2026-12-28T10:00:00Z")
    assert shop.latest_invoice(unlucky).attempt_count == 1


def test_a_draft_of_the_last_hour_decides_nothing_yet(make_shop):
    shop = make_shop(retry_days=(60,))
    made = owing(shop)
    owed = shop.latest_invoice(made)
    shop.set_clock("2027-01-24T09:30:00Z")
    assert (shop.again(made).status, shop.latest_invoice(made).status) == ("past_due", "draft")

    shop.stripe.v1.invoices.pay(owed.id, {"payment_method": "pm_card_visa"})

    assert shop.again(made).status == "active"


@pytest.mark.parametrize("write_off", ["void_invoice", "mark_uncollectible"])
def test_without_a_debt_it_is_active_again(shop, unlucky, write_off):
    getattr(shop.stripe.v1.invoices, write_off)(shop.latest_invoice(unlucky).id)

    assert shop.again(unlucky).status == "active"


@pytest.mark.parametrize(("setting", "status"), [("unpaid", "unpaid"), ("past_due", "past_due")])
def test_what_happens_in_the_end_is_a_setting(make_shop, setting, status):
    shop = make_shop(after_retries=setting, retry_days=(1,))
    made = owing(shop)

    shop.advance(days=1)

    assert shop.again(made).status == status


def test_an_unpaid_one_gathers_drafts_until_somebody_pays(make_shop):
    shop = make_shop(after_retries="unpaid", retry_days=())
    made = owing(shop)
    assert shop.again(made).status == "unpaid"
    shop.set_clock("2027-01-25T10:00:00Z")
    waiting = shop.latest_invoice(made)
    assert (waiting.status, waiting.auto_advance) == ("draft", False)

    give_good_card(shop, made)
    shop.stripe.v1.invoices.pay(waiting.id)

    assert shop.again(made).status == "active"


def test_a_renewal_without_any_card_fails_too(shop):
    customer = shop.customer()
    made = shop.subscribe(customer)
    card = shop.stripe.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method
    shop.stripe.v1.payment_methods.detach(card)

    shop.set_clock("2026-12-24T10:00:00Z")

    assert shop.again(made).status == "past_due"
    assert shop.latest_invoice(made).attempt_count == 1
    give_good_card(shop, made)
    shop.set_clock("2026-12-27T10:00:00Z")
    assert shop.again(made).status == "active"


def test_a_renewal_that_needs_its_owner_waits_for_him(shop):
    customer = shop.customer()
    made = shop.subscribe(customer)
    asking = shop.stripe.v1.payment_methods.attach(
        "pm_card_authenticationRequired", {"customer": customer.id}
    )
    shop.stripe.v1.subscriptions.update(made.id, {"default_payment_method": asking.id})

    shop.set_clock("2026-12-24T10:00:00Z")

    assert shop.again(made).status == "past_due"
    assert len(named(shop, "invoice.payment_action_required")) == 1
    intent = shop.stripe.v1.payment_intents.list().data[0]
    assert intent.status == "requires_action"


def test_a_sent_invoice_that_nobody_pays_makes_it_past_due_and_paying_brings_it_back(shop):
    made = shop.subscribe(shop.customer(None), collection_method="send_invoice", days_until_due=10)
    shop.advance(hours=1)
    invoice = shop.latest_invoice(made)

    shop.advance(days=10)
    assert shop.again(made).status == "past_due"
    assert "invoice.overdue" in shop.events()
    shop.stripe.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})

    assert shop.again(made).status == "active"


def test_cancelling_stops_the_retries(shop, unlucky):
    shop.stripe.v1.subscriptions.cancel(unlucky.id)

    shop.advance(days=30)

    assert shop.latest_invoice(unlucky).attempt_count == 1
    assert shop.latest_invoice(unlucky).status == "open"
