from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stripe

from stripe_emulator import periods

DAY = 86400


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def lines(invoice):
    return [(line.description, line.amount) for line in invoice.lines.data]


def period(subscription):
    item = subscription["items"].data[0]
    return item.current_period_start, item.current_period_end


def named(shop, kind):
    return [event.data.object for event in shop.stripe.v1.events.list({"type": kind, "limit": 100}).data][
        ::-1
    ]


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


def test_a_subscription_begins_active_when_its_first_invoice_is_paid(shop):
    made = shop.subscribe(metadata={"plan": "full"})

    assert made.status == "active"
    assert period(made) == (shop.now(), at("2026-12-24T09:00"))
    invoice = shop.latest_invoice(made)
    assert (invoice.status, invoice.billing_reason, invoice.amount_paid) == (
        "paid",
        "subscription_create",
        3000,
    )
    assert invoice.parent.subscription_details.subscription == made.id
    assert invoice.parent.subscription_details.metadata["plan"] == "full"
    assert shop.totals() == (0, 3000 - 117)


def test_a_beginning_is_told_in_order(shop):
    shop.subscribe()

    told = [kind for kind in shop.events() if not kind.startswith(("price.", "product.", "payment_method."))]
    assert told == [
        "customer.created",
        "customer.subscription.created",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ]
    assert named(shop, "customer.subscription.created")[0]["status"] == "incomplete"
    updated = shop.stripe.v1.events.list({"type": "customer.subscription.updated"}).data[0].data
    assert (updated.object["status"], updated.previous_attributes["status"]) == ("active", "incomplete")


def test_the_card_is_the_subscriptions_own_then_the_customers_else_there_is_none(shop):
    customer = shop.customer()
    own = shop.stripe.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})

    made = shop.subscribe(customer, default_payment_method=own.id)

    charge = shop.stripe.v1.charges.list().data[0]
    assert (made.default_payment_method, charge.payment_method) == (own.id, own.id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.subscribe(shop.customer(None))
    assert refusal.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="attached"):
        shop.subscribe(shop.customer(), default_payment_method=own.id)
    assert len(shop.stripe.v1.subscriptions.list().data) == 1


def test_a_declined_first_payment_leaves_it_incomplete_for_23_hours(shop):
    made = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"))
    assert made.status == "incomplete"
    assert shop.latest_invoice(made).status == "open"

    shop.advance(hours=22, minutes=59)
    assert shop.again(made).status == "incomplete"
    shop.advance(minutes=1)

    assert shop.again(made).status == "incomplete_expired"
    assert shop.latest_invoice(made).status == "void"
    assert shop.stripe.v1.payment_intents.list().data[0].status == "canceled"
    shop.advance(days=60)
    assert len(shop.stripe.v1.invoices.list().data) == 1


def test_an_incomplete_one_becomes_active_with_another_card(shop):
    customer = shop.customer("pm_card_chargeCustomerFail")
    made = shop.subscribe(customer)
    good = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    paid = shop.stripe.v1.invoices.pay(made.latest_invoice, {"payment_method": good.id})

    assert (paid.status, shop.again(made).status) == ("paid", "active")
    shop.advance(hours=24)
    assert shop.again(made).status == "active"


def test_default_incomplete_waits_for_the_intent_to_be_confirmed(shop):
    made = shop.subscribe(
        payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"]
    )
    assert made.status == "incomplete"
    secret = made.latest_invoice.confirmation_secret.client_secret
    [payment] = shop.stripe.v1.invoice_payments.list({"invoice": made.latest_invoice.id}).data

    intent = shop.stripe.v1.payment_intents.confirm(
        payment.payment.payment_intent, {"payment_method": "pm_card_visa"}
    )

    assert intent.client_secret == secret
    assert shop.again(made).status == "active"
    assert shop.stripe.v1.invoice_payments.retrieve(payment.id).status == "paid"


def test_error_if_incomplete_keeps_nothing(shop):
    customer = shop.customer("pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError):
        shop.subscribe(customer, payment_behavior="error_if_incomplete")

    assert shop.stripe.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.stripe.v1.charges.list().data == []


def test_a_card_that_wants_its_owner_leaves_it_incomplete_until_he_is_there(shop):
    made = shop.subscribe(shop.customer("pm_card_authenticationRequired"))
    intent = shop.stripe.v1.payment_intents.list().data[0]

    assert (made.status, intent.status) == ("incomplete", "requires_action")
    assert "invoice.payment_action_required" in shop.events()


def test_a_free_one_is_active_at_once_and_a_sent_one_before_it_is_paid(shop):
    free = shop.subscribe(shop.customer(None), shop.price(0))
    sent = shop.subscribe(shop.customer(None), collection_method="send_invoice", days_until_due=30)

    assert (free.status, shop.latest_invoice(free).status) == ("active", "paid")
    assert (sent.status, shop.latest_invoice(sent).status) == ("active", "draft")
    shop.advance(hours=1)
    invoice = shop.latest_invoice(sent)
    assert (invoice.status, invoice.due_date) == ("open", shop.now() + 30 * DAY)
    assert shop.events()[-1] == "invoice.sent"


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


def test_another_quantity_is_prorated_on_the_next_invoice(shop):
    made = shop.subscribe()
    shop.set_clock("2026-12-09T09:00:00Z")  # half of the thirty days

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "quantity": 3}]}
    )

    assert changed["items"].data[0].quantity == 3
    assert period(changed) == period(made)
    assert [item.amount for item in shop.stripe.v1.invoice_items.list({"pending": True}).data] == [
        4500,
        -1500,
    ]
    shop.set_clock("2026-12-24T10:00:00Z")
    invoice = shop.latest_invoice(made)
    assert (invoice.total, invoice.status) == (9000 + 4500 - 1500, "paid")
    assert lines(invoice) == [
        ("3 × Membership", 9000),
        ("Unused time on 1 × Membership after 09 Dec 2026", -1500),
        ("Remaining time on 3 × Membership after 09 Dec 2026", 4500),
    ]
    assert shop.stripe.v1.invoice_items.list({"pending": True}).data == []


def test_prorations_may_be_billed_at_once_or_left_out(shop):
    made = shop.subscribe()
    shop.set_clock("2026-12-09T09:00:00Z")
    item = made["items"].data[0].id

    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
    )
    now = shop.latest_invoice(made)
    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": item, "quantity": 5}], "proration_behavior": "none"}
    )

    assert (now.status, now.billing_reason, now.total) == ("paid", "subscription_update", 1500)
    assert shop.stripe.v1.invoice_items.list({"pending": True}).data == []
    assert shop.latest_invoice(made).id == now.id


def test_a_change_back_gives_back_exactly_what_was_charged(shop):
    made = shop.subscribe(None, shop.price(3333))
    item = made["items"].data[0].id
    shop.advance(days=7, hours=5)

    for quantity in (4, 1):
        shop.stripe.v1.subscriptions.update(made.id, {"items": [{"id": item, "quantity": quantity}]})

    assert sum(entry.amount for entry in shop.stripe.v1.invoice_items.list().data) == 0


def test_a_yearly_price_begins_a_new_period_billed_at_once(shop):
    made = shop.subscribe()
    yearly = shop.price(30000, "year")
    shop.set_clock("2026-12-09T09:00:00Z")

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "price": yearly.id}]}
    )

    assert period(changed) == (shop.now(), at("2027-12-09T09:00"))
    invoice = shop.latest_invoice(made)
    assert (invoice.status, invoice.total) == ("paid", 30000 - 1500)
    assert changed.billing_cycle_anchor == shop.now()


def test_a_smaller_plan_leaves_a_credit_for_the_next_invoice(shop):
    customer = shop.customer()
    made = shop.subscribe(customer, shop.price(30000, "year"))
    shop.advance(hours=1)

    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "price": shop.price(1000).id}]}
    )

    invoice = shop.latest_invoice(made)
    assert (invoice.status, invoice.amount_due, invoice.total) == ("paid", 0, 1000 - 29997)
    assert shop.stripe.v1.customers.retrieve(customer.id).balance == 1000 - 29997
    shop.advance(days=32)
    renewed = shop.latest_invoice(made)
    assert (renewed.status, renewed.amount_due, renewed.starting_balance) == ("paid", 0, 1000 - 29997)
    assert shop.stripe.v1.customers.retrieve(customer.id).balance == 2000 - 29997


def test_items_are_added_and_taken_away_by_themselves(shop):
    made = shop.subscribe()
    items = shop.stripe.v1.subscription_items
    shop.set_clock("2026-12-09T09:00:00Z")

    seat = items.create({"subscription": made.id, "price": shop.price(1000).id, "quantity": 2})
    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list().data] == [1000]
    assert [item.id for item in items.list({"subscription": made.id}).data] == [
        made["items"].data[0].id,
        seat.id,
    ]
    assert items.update(seat.id, {"metadata": {"for": "Uma"}}).metadata["for"] == "Uma"
    items.delete(seat.id)

    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list().data] == [-1000, 1000]
    assert [item.id for item in shop.again(made)["items"].data] == [made["items"].data[0].id]
    with pytest.raises(stripe.InvalidRequestError, match="at least one item"):
        items.delete(made["items"].data[0].id)


def test_an_item_may_take_the_place_of_another_for_the_rest_of_the_period(shop):
    made, other = shop.subscribe(), shop.price(6000)
    shop.set_clock("2026-12-09T09:00:00Z")

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "deleted": True}, {"price": other.id}]}
    )

    assert period(changed) == period(made)
    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list().data] == [3000, -1500]


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


def test_they_are_listed_by_customer_price_and_status(shop):
    ben, cleo, cheap = shop.customer(), shop.customer(), shop.price(500)
    first, second = shop.subscribe(ben), shop.subscribe(ben, cheap)
    third = shop.subscribe(cleo, trial_period_days=3)
    shop.stripe.v1.subscriptions.cancel(first.id)

    def listed(**filters):
        return [entry.id for entry in shop.stripe.v1.subscriptions.list(filters).data]

    assert listed() == [third.id, second.id]
    assert listed(customer=ben.id) == [second.id]
    assert listed(customer=ben.id, status="all") == [second.id, first.id]
    assert listed(status="canceled") == listed(status="ended") == [first.id]
    assert listed(status="trialing") == [third.id]
    assert listed(price=cheap.id) == [second.id]


def test_a_card_that_was_taken_away_is_not_charged(shop):
    customer = shop.customer()
    own = shop.stripe.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    made = shop.subscribe(customer, default_payment_method=own.id)
    shop.stripe.v1.payment_methods.detach(own.id)

    shop.set_clock("2026-12-24T10:00:00Z")

    assert shop.latest_invoice(made).status == "paid"
    newest = shop.stripe.v1.charges.list().data[0]
    assert (
        newest.payment_method
        == shop.stripe.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method
    )


def test_a_deleted_customer_has_no_subscriptions(shop):
    ben, cleo = shop.customer(), shop.customer()
    his, hers = shop.subscribe(ben), shop.subscribe(cleo)

    shop.stripe.v1.customers.delete(ben.id)

    assert (shop.again(his).status, shop.again(hers).status) == ("canceled", "active")


def test_a_subscription_shows_its_prices_as_they_are_now(shop):
    made = shop.subscribe(None, shop.price(lookup_key="monthly"))

    shop.price(4000, lookup_key="monthly", transfer_lookup_key=True)

    assert shop.again(made)["items"].data[0].price.lookup_key is None
    assert shop.again(made)["items"].data[0].plan.amount == 3000


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"items": []}, "items"),
        ({"items": [{"price": "price_none"}]}, "No such price"),
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"trial_end": 5}, "trial"),
        ({"trial_end": 5, "trial_period_days": 5}, "only specify one"),
        ({"cancel_at": 5}, "future"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(shop, change, complaint):
    with pytest.raises(stripe.InvalidRequestError, match=complaint):
        shop.subscribe(**change)

    assert shop.stripe.v1.subscriptions.list({"status": "all"}).data == []


def test_one_time_prices_archived_prices_and_two_currencies_are_refused(shop):
    customer = shop.customer()
    once, old, euro = shop.price(interval=None), shop.price(active=False), shop.price(currency="eur")
    shop.subscribe(customer)

    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.subscriptions.create({"customer": "cus_none", "items": [{"price": euro.id}]})
    for price, complaint in ((once, "one_time"), (old, "inactive"), (euro, "combine currencies")):
        with pytest.raises(stripe.InvalidRequestError, match=complaint):
            shop.subscribe(customer, price)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"payment_behavior": "pending_if_incomplete"}, "pending_if_incomplete"),
        ({"transfer_data": {"destination": "acct_1"}}, "transfer_data"),
        (
            {"payment_settings": {"payment_method_options": {"card": {"network": "visa"}}}},
            "payment_method_options",
        ),
    ],
)
def test_what_is_not_built_is_named(shop, change, name):
    with pytest.raises(stripe.APIError, match=name) as refusal:
        shop.subscribe(**change)

    assert refusal.value.http_status == 501
