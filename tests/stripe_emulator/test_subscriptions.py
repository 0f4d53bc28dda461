from __future__ import annotations

import pytest
import stripe

from .billing import DAY, at, named, period


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
        ({"add_invoice_items": [{"price": "price_1", "tax_rates": ["txr_1"]}]}, "tax_rates"),
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


def test_what_is_paid_for_once_is_on_the_first_invoice(shop):
    once = shop.price(500, None)

    made = shop.subscribe(add_invoice_items=[{"price": once.id, "quantity": 2}])

    assert shop.latest_invoice(made).total == 4000
    free = shop.subscribe(None, shop.price(0), add_invoice_items=[{"price": once.id}])
    assert (free.status, shop.latest_invoice(free).amount_paid) == ("active", 500)


def test_the_intent_of_an_invoice_or_a_session_is_not_canceled_by_itself(shop):
    shop.subscribe(payment_behavior="default_incomplete")
    shop.refused("POST", f"checkout/{shop.session().id}/pay", card="4000000000000002")

    for intent in shop.stripe.v1.payment_intents.list().data:
        with pytest.raises(stripe.InvalidRequestError, match="expire the one"):
            shop.stripe.v1.payment_intents.cancel(intent.id)
