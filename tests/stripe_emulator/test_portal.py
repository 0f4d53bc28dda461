from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from stripe_emulator.http import Request


def get(shop, url):
    return shop.emulator.handle(Request("GET", urlsplit(url).path, {"Host": "127.0.0.1:12111"}))


def post(shop, url, **form):
    headers = {"Host": "127.0.0.1:12111", "Origin": "http://127.0.0.1:12111"}
    return shop.emulator.handle(Request("POST", urlsplit(url).path, headers, urlencode(form).encode()))


@pytest.fixture
def prices(shop):
    product = shop.stripe.v1.products.create({"name": "Membership"}).id
    given = {"currency": "usd", "product": product}
    return [
        shop.stripe.v1.prices.create(given | {"unit_amount": amount, "recurring": {"interval": interval}})
        for amount, interval in ((900, "month"), (9000, "year"))
    ]


@pytest.fixture
def ben(shop, prices):
    customer = shop.stripe.v1.customers.create({"email": "ben@demo.test"})
    method = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    settings = {"default_payment_method": method.id}
    shop.stripe.v1.customers.update(customer.id, {"invoice_settings": settings})
    items = [{"price": prices[0].id}]
    shop.stripe.v1.subscriptions.create({"customer": customer.id, "items": items})
    return customer


@pytest.fixture
def page(shop, ben, prices):
    products = [{"product": prices[0].product, "prices": [price.id for price in prices]}]
    updates = {"enabled": True, "default_allowed_updates": ["price"], "products": products}
    features = {"invoice_history": {"enabled": True}, "payment_method_update": {"enabled": True}}
    features |= {"subscription_cancel": {"enabled": True}, "subscription_update": updates}
    configuration = shop.stripe.v1.billing_portal.configurations.create({"features": features})
    given = {"customer": ben.id, "return_url": "http://shop.test/account"}
    session = shop.stripe.v1.billing_portal.sessions.create(given | {"configuration": configuration.id})
    return session.url


@pytest.fixture
def subscription(shop, ben):
    return lambda: shop.stripe.v1.subscriptions.list({"customer": ben.id}).data[0]


def test_the_page_shows_the_subscription_the_card_and_the_invoices(shop, page):
    shown = get(shop, page).body.decode()

    for expected in (
        "Membership",
        "$9.00 per month",
        "Renews on Thu 24 Dec 2026",
        "Visa ending 4242",
        "Change to $90.00 per year",
        "Tue 24 Nov 2026",
        "http://shop.test/account",
    ):
        assert expected in shown


def test_cancelling_and_keeping_are_buttons_of_the_page(shop, page, subscription):
    assert post(shop, page, action="cancel", subscription=subscription().id).status == 303
    assert subscription().cancel_at_period_end is True
    assert "Ends on Thu 24 Dec 2026" in get(shop, page).body.decode()

    assert post(shop, page, action="keep", subscription=subscription().id).status == 303
    assert subscription().cancel_at_period_end is False


def test_switching_is_a_button_of_the_page(shop, page, subscription, prices):
    answer = post(shop, page, action="switch", subscription=subscription().id, price=prices[1].id)

    assert answer.status == 303
    assert "$90.00 per year" in get(shop, page).body.decode()


def test_another_card_is_entered_on_the_page(shop, page):
    form = {"number": "5555 5555 5555 4444", "expiry": "12/34", "cvc": "123"}

    assert post(shop, page, action="card", **form).status == 303
    assert "Mastercard ending 4444" in get(shop, page).body.decode()

    refused = post(shop, page, action="card", **(form | {"number": "4000000000000002"}))
    assert (refused.status, b"Your card was declined." in refused.body) == (402, True)
    assert post(shop, page, action="card", number="x").status == 402
    assert "Mastercard ending 4444" in get(shop, page).body.decode()


def test_nobody_touches_the_subscription_of_another(shop, page, subscription, prices):
    other = shop.stripe.v1.customers.create({})
    method = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": other.id})
    theirs = shop.stripe.v1.subscriptions.create(
        {
            "customer": other.id,
            "items": [{"price": prices[0].id}],
            "default_payment_method": method.id,
        }
    )

    assert post(shop, page, action="cancel", subscription=theirs.id).status == 404
    assert shop.stripe.v1.subscriptions.retrieve(theirs.id).cancel_at_period_end is False


def test_the_card_of_a_subscription_is_changed_with_that_of_the_customer(shop, ben, page, subscription):
    own = shop.stripe.v1.payment_methods.attach("pm_card_amex", {"customer": ben.id})
    shop.stripe.v1.subscriptions.update(subscription().id, {"default_payment_method": own.id})

    post(shop, page, action="card", number="4242424242424242", expiry="12/34", cvc="123")

    changed = shop.stripe.v1.customers.retrieve(ben.id).invoice_settings.default_payment_method
    assert subscription().default_payment_method == changed != own.id


def test_the_page_is_closed_after_an_hour(shop, page):
    assert get(shop, page).status == 200
    shop.advance(hours=1)

    assert get(shop, page).status == 404
    assert post(shop, page, action="cancel").status == 404


def test_a_button_that_is_not_there_is_refused(shop, page):
    assert post(shop, page, action="explode").status == 400
    assert get(shop, page + "x").status == 404


def test_without_a_configuration_there_is_a_usual_one(shop, ben, subscription):
    session = shop.stripe.v1.billing_portal.sessions.create({"customer": ben.id})

    shown = get(shop, session.url).body.decode()

    assert "Cancel subscription" in shown
    assert "Change to" not in shown
    [usual] = shop.stripe.v1.billing_portal.configurations.list({"is_default": True}).data
    assert session.configuration == usual.id
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.billing_portal.configurations.update(usual.id, {"active": False})


def test_prices_that_do_not_exist_are_not_offered(shop, prices):
    products = [{"product": prices[0].product, "prices": ["price_none"]}]
    updates = {"enabled": True, "default_allowed_updates": ["price"], "products": products}

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.billing_portal.configurations.create({"features": {"subscription_update": updates}})

    assert refusal.value.code == "resource_missing"
