"""Reading, changing and refusing, endpoint by endpoint."""

from __future__ import annotations

import pytest
import stripe

from .test_pages import get, post


def paid_transfer(shop):
    return shop.transfer(shop.charge(), shop.coach(), 9600)


def a_refund(shop):
    return shop.stripe.v1.refunds.create({"charge": shop.charge().id, "amount": 100}).id


def a_payout(shop):
    shop.charge(card="4000000000000077")
    return shop.stripe.v1.payouts.create({"amount": 100, "currency": "usd"}).id


def a_dispute(shop):
    return shop.control("POST", "disputes", charge=shop.charge().id)["id"]


MAKERS = {
    "charges": lambda shop: shop.charge().id,
    "checkout.sessions": lambda shop: shop.session().id,
    "customers": lambda shop: shop.stripe.v1.customers.create({}).id,
    "disputes": a_dispute,
    "payment_intents": lambda shop: shop.charge().payment_intent,
    "payouts": a_payout,
    "refunds": a_refund,
    "transfers": lambda shop: paid_transfer(shop).id,
    "webhook_endpoints": lambda shop: (
        shop.stripe.v1.webhook_endpoints.create({"url": "http://shop.test/w", "enabled_events": ["*"]}).id
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_metadata_is_changed_on_every_kind_of_object(shop, name):
    service = shop.stripe.v1
    for part in name.split("."):
        service = getattr(service, part)
    made = MAKERS[name](shop)
    service.update(made, {"metadata": {"a": "1", "b": "2"}})

    service.update(made, {"metadata": {"a": ""}})

    assert service.retrieve(made).metadata.to_dict() == {"b": "2"}
    assert made in [listed.id for listed in service.list().data]


def test_a_reversal_is_read_and_changed_under_its_transfer(shop):
    transfer = paid_transfer(shop)
    reversals = shop.stripe.v1.transfers.reversals
    made = reversals.create(transfer.id, {"amount": 100, "metadata": {"a": "1"}})

    reversals.update(transfer.id, made.id, {"metadata": {"b": "2"}})

    assert reversals.retrieve(transfer.id, made.id).metadata.to_dict() == {"a": "1", "b": "2"}


def test_a_card_is_made_by_number_attached_used_and_detached(shop):
    methods, ben = shop.stripe.v1.payment_methods, shop.stripe.v1.customers.create({}).id
    card = {"number": "4242424242424242", "exp_month": 5, "exp_year": 2031, "cvc": "123"}
    made = methods.create({"type": "card", "card": card, "billing_details": {"name": "Ben"}})
    methods.attach(made.id, {"customer": ben})

    paid = shop.stripe.v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "customer": ben, "payment_method": made.id, "confirm": True}
    )

    assert (paid.status, methods.retrieve(made.id).billing_details.name) == ("succeeded", "Ben")
    assert [m.id for m in methods.list({"customer": ben}).data] == [made.id]
    assert methods.detach(made.id).customer is None


def test_an_intent_is_changed_before_it_is_confirmed_and_not_after(shop):
    intents = shop.stripe.v1.payment_intents
    made = intents.create({"amount": 500, "currency": "usd", "payment_method": "pm_card_visa"})
    intents.update(made.id, {"amount": 700, "description": "More"})

    assert intents.confirm(made.id).amount_received == 700
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        intents.update(made.id, {"amount": 900})
    assert refusal.value.code == "payment_intent_unexpected_state"
    for verb in (intents.cancel, intents.capture, intents.confirm):
        with pytest.raises(stripe.InvalidRequestError):
            verb(made.id)


def test_giving_back_an_authorised_charge_takes_no_money(shop):
    intents = shop.stripe.v1.payment_intents
    given = {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    held = intents.create({**given, "capture_method": "manual"})
    with pytest.raises(stripe.InvalidRequestError):
        intents.capture(held.id, {"amount_to_capture": 501})

    intents.cancel(held.id, {"cancellation_reason": "abandoned"})

    charge = shop.stripe.v1.charges.retrieve(held.latest_charge)
    assert (charge.refunded, shop.totals()) == (True, (0, 0))


@pytest.mark.parametrize(("outcome", "status"), [("complete", "succeeded"), ("fail", "failed")])
def test_3d_secure_without_checkout_goes_back_to_the_return_address(shop, outcome, status):
    intent = shop.stripe.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_threeDSecure2Required",
            "return_url": "http://shop.test/back?x=1",
        }
    )

    done = post(shop, f"/3ds/{intent.id}", {"outcome": outcome})

    assert (
        done.headers["Location"]
        == f"http://shop.test/back?x=1&payment_intent={intent.id}&redirect_status={status}"
    )
    assert get(shop, f"/3ds/{intent.id}").status == 404


def test_a_product_of_a_line_item_can_be_used_again_but_its_inline_price_cannot(shop):
    item = shop.stripe.v1.checkout.sessions.line_items.list(shop.session(5000).id).data[0]
    price = shop.stripe.v1.prices.retrieve(item.price.id)
    product = shop.stripe.v1.products.retrieve(price.product)

    other = {"currency": "usd", "unit_amount": 700, "product": product.id}
    other_price = shop.session(line_items=[{"price_data": other, "quantity": 1}])

    assert (product.name, price.active, other_price.amount_total) == ("A session", False, 700)
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        shop.session(line_items=[{"price": price.id, "quantity": 2}])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mode": "subscription"}, "recurring price"),
        ({"ui_mode": "elements"}, "ui_mode elements"),
        ({"automatic_tax": {"enabled": True}}, "tax_behavior"),
        ({"payment_intent_data": {"application_fee_amount": 1}}, "application_fee_amount"),
        ({"line_items": []}, "line_items"),
        ({"success_url": ""}, "success_url"),
        ({"customer": "cus_1", "customer_email": "a@b.c"}, "only specify one"),
        ({"customer": "cus_1"}, "No such customer"),
        ({"allow_promotion_codes": True, "discounts": [{"coupon": "x"}]}, "only specify one"),
        ({"discounts": [{"coupon": "x"}, {"coupon": "y"}]}, "one discount"),
        ({"discounts": [{"coupon": "x"}]}, "No such coupon"),
        ({"line_items": [{"quantity": 1}]}, "price_data"),
        ({"line_items": [{"price": "price_1", "quantity": 1}]}, "No such price"),
        (
            {"line_items": [{"price_data": {"currency": "usd", "product_data": {"name": "x"}}}]},
            "non-negative",
        ),
        ({"line_items": [{"price_data": {"currency": "usd", "unit_amount": 500}}]}, "product_data"),
    ],
)
def test_sessions_that_cannot_be_are_refused_with_the_reason(shop, change, complaint):
    with pytest.raises(stripe.StripeError, match=complaint):
        shop.session(**change)

    assert shop.stripe.v1.checkout.sessions.list().data == []


def test_line_items_of_two_currencies_or_none_of_a_thing_are_refused(shop):
    def item(currency, quantity):
        data = {"currency": currency, "unit_amount": 500, "product_data": {"name": "x"}}
        return {"price_data": data, "quantity": quantity}

    for items in ([item("usd", 1), item("eur", 1)], [item("usd", 0)]):
        with pytest.raises(stripe.InvalidRequestError):
            shop.session(line_items=items)


def test_a_destination_is_changed_listed_and_deleted(shop):
    destinations = shop.stripe.v2.core.event_destinations
    given = {"name": "One", "type": "webhook_endpoint", "event_payload": "snapshot", "enabled_events": ["*"]}
    made = destinations.create({**given, "webhook_endpoint": {"url": "http://shop.test/one"}})

    shown = destinations.update(
        made.id,
        {
            "name": "Two",
            "webhook_endpoint": {"url": "http://shop.test/two"},
            "include": ["webhook_endpoint.url"],
        },
    )

    assert (shown.name, shown.webhook_endpoint.url) == ("Two", "http://shop.test/two")
    destinations.delete(made.id)
    assert destinations.list().data == []
    for wrong in (given, {**given, "webhook_endpoint": {"url": "ftp://x"}}):
        with pytest.raises(stripe.InvalidRequestError):
            destinations.create(wrong)


def test_a_webhook_endpoint_can_be_disabled(shop):
    endpoints = shop.stripe.v1.webhook_endpoints
    made = MAKERS["webhook_endpoints"](shop)

    assert endpoints.update(made, {"disabled": True}).status == "disabled"
    shop.stripe.v1.customers.create({})

    assert shop.emulator.deliver_pending() == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda api: api.v1.checkout.sessions.list({"payment_link": "plink_1"}),
        lambda api: api.v1.payment_intents.list({"customer_account": "acct_1"}),
        lambda api: api.v1.payouts.create({"amount": 1, "currency": "usd", "method": "instant"}),
        lambda api: api.v1.balance_settings.update(
            {"payments": {"settlement_timing": {"delay_days_override": 9}}}
        ),
        lambda api: api.v2.core.accounts.create(
            {"configuration": {"recipient": {"capabilities": {"cards": {"requested": True}}}}}
        ),
    ],
)
def test_what_would_only_be_ignored_is_refused_by_name(shop, ask):
    with pytest.raises(stripe.APIError, match="has not built it") as refusal:
        ask(shop.stripe)

    assert refusal.value.http_status == 501


def test_what_is_asked_of_one_thing_is_refused_for_another(shop):
    shop.charge(card="4000000000000077")
    manual = a_payout(shop)

    refusals = [
        lambda: shop.stripe.v1.balance_transactions.list({"payout": manual}),
        lambda: shop.stripe.v1.refunds.create({"amount": 5}),
        lambda: shop.stripe.v1.transfers.create({"currency": "usd", "destination": shop.coach()}),
        lambda: shop.stripe.v1.balance_settings.update(
            {"payments": {"payouts": {"schedule": {"interval": "x"}}}}
        ),
        lambda: shop.stripe.v1.payment_intents.confirm(
            shop.stripe.v1.payment_intents.create({"amount": 500, "currency": "usd"}).id
        ),
        lambda: shop.stripe.v1.payouts.create(
            {"amount": 1, "currency": "usd"}, shop.of(shop.coach(outcome=None))
        ),
    ]

    for ask in refusals:
        with pytest.raises(stripe.InvalidRequestError):
            ask()
