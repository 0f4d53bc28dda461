from __future__ import annotations

import pytest
import stripe


@pytest.fixture
def monthly(platform):
    return platform.price()


@pytest.fixture
def yearly(platform, monthly):
    given = {"currency": "usd", "unit_amount": 9000, "recurring": {"interval": "year"}}
    return platform.v1.prices.create(given | {"product": monthly.product})


@pytest.fixture
def configure(v1, monthly, yearly):
    """A configuration that allows everything, or what is said."""

    def make(**changed):
        products = [{"product": monthly.product, "prices": [monthly.id, yearly.id]}]
        updates = {"enabled": True, "default_allowed_updates": ["price"], "products": products}
        features = {
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            "subscription_update": updates,
        }
        return v1.billing_portal.configurations.create({"features": features | changed})

    return make


@pytest.fixture
def ben(platform, v1, monthly):
    customer = platform.customer(email="ben@demo.test")
    v1.subscriptions.create({"customer": customer.id, "items": [{"price": monthly.id}]})
    return customer


@pytest.fixture
def subscription(v1, ben):
    return lambda: v1.subscriptions.list({"customer": ben.id, "status": "all"}).data[0]


@pytest.fixture
def session(v1, ben, configure):
    def make(**changed):
        given = {"customer": ben.id, "return_url": "https://shop.test/account"}
        return v1.billing_portal.sessions.create(given | {"configuration": configure(**changed).id})

    return make


@pytest.fixture
def press(platform, subscription):
    """What the customer does on the page of a session."""

    def do(session, action, **given):
        given = {"action": action, "subscription": subscription().id} | given
        return platform.emulator.control("POST", f"portal/{session.id}", **given)

    return do


def test_a_session_has_an_address_and_leads_back(session):
    made = session()

    assert made.url.startswith("http")
    assert made.return_url == "https://shop.test/account"


def test_a_session_is_of_a_customer_who_exists(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.billing_portal.sessions.create({"customer": "cus_nobody"})

    assert refusal.value.code == "resource_missing"


def test_a_configuration_keeps_what_was_chosen(configure, monthly, yearly):
    features = configure().features

    assert features.subscription_cancel.mode == "at_period_end"
    assert set(features.subscription_update.products[0].prices) == {monthly.id, yearly.id}


def test_what_was_not_chosen_is_not_allowed(v1):
    made = v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})

    assert made.features.subscription_cancel.enabled is False
    assert made.is_default is False


def test_a_configuration_is_changed_by_parts(v1, configure):
    made = configure()

    changed = v1.billing_portal.configurations.update(
        made.id, {"features": {"subscription_cancel": {"enabled": True, "mode": "immediately"}}}
    )

    assert changed.features.subscription_cancel.mode == "immediately"
    assert changed.features.subscription_update.enabled is True


def test_an_inactive_configuration_makes_no_sessions(v1, ben, configure):
    made = configure()
    v1.billing_portal.configurations.update(made.id, {"active": False})

    with pytest.raises(stripe.InvalidRequestError):
        v1.billing_portal.sessions.create({"customer": ben.id, "configuration": made.id})


@pytest.mark.emulator_only
def test_a_customer_cancels_at_the_end_of_the_period(session, press, subscription):
    press(session(), "cancel")

    assert (subscription().status, subscription().cancel_at_period_end) == ("active", True)


@pytest.mark.emulator_only
def test_a_customer_takes_his_cancelling_back(session, press, subscription):
    for action in ("cancel", "keep"):
        press(session(), action)

    assert (subscription().status, subscription().cancel_at_period_end) == ("active", False)


@pytest.mark.emulator_only
def test_a_customer_may_cancel_at_once_where_configured(session, press, subscription):
    press(session(subscription_cancel={"enabled": True, "mode": "immediately"}), "cancel")

    assert subscription().status == "canceled"


@pytest.mark.emulator_only
def test_a_customer_switches_from_monthly_to_yearly(session, press, subscription, yearly):
    press(session(), "switch", price=yearly.id)

    assert subscription()["items"].data[0].price.id == yearly.id


@pytest.mark.emulator_only
def test_only_configured_prices_are_switched_to(platform, session, press, subscription, monthly):
    refused = press(session(), "switch", price=platform.price(1).id)

    assert refused.status == 404
    assert subscription()["items"].data[0].price.id == monthly.id


@pytest.mark.emulator_only
def test_a_customer_changes_his_card(v1, ben, session, press):
    press(session(), "card", card="5555555555554444")

    changed = v1.customers.retrieve(ben.id, {"expand": ["invoice_settings.default_payment_method"]})

    assert changed.invoice_settings.default_payment_method.card.last4 == "4444"


@pytest.mark.emulator_only
def test_a_declined_card_changes_nothing(v1, ben, session, press):
    assert press(session(), "card", card="4000000000000002").status == 402

    settings = v1.customers.retrieve(ben.id).invoice_settings

    assert settings.default_payment_method == ben.invoice_settings.default_payment_method


@pytest.mark.emulator_only
def test_what_is_not_configured_cannot_be_done(session, press, subscription):
    refused = press(session(subscription_cancel={"enabled": False}), "cancel")

    assert refused.status == 400
    assert subscription().cancel_at_period_end is False


@pytest.mark.emulator_only
def test_what_a_customer_does_is_told_like_any_change(platform, session, press):
    made = session()
    platform.listen()

    press(made, "cancel")

    assert "v1.customer.subscription.updated" in platform.arrived()
