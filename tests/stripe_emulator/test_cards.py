from __future__ import annotations

import pytest

from stripe_emulator import cards

SUCCEED = [card for card in cards.CARDS if not card.decline and not card.authentication]
DECLINE = [card for card in cards.CARDS if card.decline and not card.authentication]
AUTHENTICATE = [card for card in cards.CARDS if card.authentication]
by_name = pytest.mark.parametrize


def name(card):
    return card.name


@by_name("card", SUCCEED, ids=name)
def test_a_card_that_succeeds_completes_the_session(shop, card):
    session = shop.session()

    paid = shop.pay(session, card.number)

    assert (paid["status"], paid["payment_status"]) == ("complete", "paid")
    charge = shop.stripe.v1.charges.list({"payment_intent": paid["payment_intent"]}).data[0]
    shown = charge.payment_method_details.card
    assert (shown.last4, shown.brand, shown.country) == (card.number[-4:], card.brand, card.country)
    assert charge.outcome.risk_level == card.risk


@by_name("card", DECLINE, ids=name)
def test_a_card_that_declines_leaves_the_session_open_with_the_reason(shop, card):
    session = shop.session()

    status, error = shop.refused("POST", f"checkout/{session.id}/pay", card=card.number)

    assert (status, error["type"], error["code"]) == (402, "card_error", card.code)
    assert error.get("decline_code", "") == card.decline_code
    intent = error["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["code"] == card.code
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"
    failed = shop.stripe.v1.charges.list({"payment_intent": intent["id"]}).data
    assert [(charge.status, charge.failure_code) for charge in failed] == [("failed", card.code)]
    assert shop.totals() == (0, 0)


@by_name("card", AUTHENTICATE, ids=name)
def test_a_card_with_3d_secure_is_charged_only_after_authentication(shop, card):
    session = shop.session()

    status, error = shop.refused("POST", f"checkout/{session.id}/pay", card=card.number, authenticate=False)
    assert (status, error["code"]) == (402, "payment_intent_authentication_failure")

    response = shop.emulator.control(
        "POST", f"checkout/{session.id}/pay", card=card.number, authenticate=True
    )
    if card.decline:
        assert (response.status, response.json()["error"]["code"]) == (402, card.code)
    else:
        assert response.json()["payment_status"] == "paid"
        charge = shop.stripe.v1.charges.list().data[0]
        assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_a_declined_session_can_be_paid_with_another_card_on_the_same_intent(shop):
    session = shop.session()
    _, error = shop.refused("POST", f"checkout/{session.id}/pay", card="4000000000000002")

    paid = shop.pay(session)

    assert paid["payment_intent"] == error["payment_intent"]["id"]
    assert shop.events()[-3:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@by_name(
    ("given", "code"),
    [
        ({"card": "4242424242424241"}, "incorrect_number"),
        ({"card": "42"}, "incorrect_number"),
        ({"card": "not a card"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2025}, "invalid_expiry_year"),
        ({"exp_month": 10, "exp_year": 2026}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
        ({"card": "378282246310005", "cvc": "123"}, "invalid_cvc"),
    ],
)
def test_what_a_card_form_gets_wrong_is_no_attempt_to_pay(shop, given, code):
    session = shop.session()

    status, error = shop.refused("POST", f"checkout/{session.id}/pay", **given)

    assert (status, error["code"]) == (402, code)
    assert shop.stripe.v1.payment_intents.list().data == []


def test_a_real_card_number_is_declined_in_test_mode(shop):
    status, error = shop.refused("POST", f"checkout/{shop.session().id}/pay", card="4012888888881881")

    assert (status, error["decline_code"]) == (402, "test_mode_live_card")


def test_a_card_that_fails_a_check_says_so_and_pays(shop):
    charge = shop.charge(card="4000000000000101")

    assert charge.payment_method_details.card.checks.cvc_check == "fail"


def test_an_early_fraud_warning_follows_its_card(shop):
    charge = shop.charge(card="4000000000005423")

    warnings = shop.stripe.v1.radar.early_fraud_warnings.list({"charge": charge.id}).data

    assert [warning.actionable for warning in warnings] == [True]
    assert "radar.early_fraud_warning.created" in shop.events()


def test_a_card_that_attaches_but_never_pays_attaches(shop):
    customer = shop.stripe.v1.customers.create({"email": "ben@demo.test"})

    attached = shop.stripe.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})

    assert attached.customer == customer.id
    listed = shop.stripe.v1.customers.payment_methods.list(customer.id).data
    assert [method.id for method in listed] == [attached.id]


def test_a_card_that_declines_does_not_attach(shop):
    customer = shop.stripe.v1.customers.create({})

    with pytest.raises(Exception, match="declined"):
        shop.stripe.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
