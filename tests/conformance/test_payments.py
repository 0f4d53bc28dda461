from __future__ import annotations

import pytest
import stripe

from .conftest import CARD_ONLY


def declined(platform, card, **more):
    with pytest.raises(stripe.CardError) as refusal:
        platform.intent(card=card, **more)
    assert refusal.value.http_status == 402
    return refusal.value.error


def test_a_payment_succeeds_and_leads_to_its_charge(platform):
    intent = platform.intent()

    assert (intent.status, intent.amount_received) == ("succeeded", 12000)
    assert (intent.latest_charge.status, intent.latest_charge.captured) == ("succeeded", True)


def test_a_new_intent_has_no_charge(v1):
    intent = v1.payment_intents.create({"amount": 12000, "currency": "usd"})

    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)


def test_an_intent_with_a_card_waits_to_be_confirmed(v1):
    given = {"amount": 12000, "currency": "usd", "automatic_payment_methods": CARD_ONLY}

    intent = v1.payment_intents.create(given | {"payment_method": "pm_card_visa"})

    assert (intent.status, intent.latest_charge) == ("requires_confirmation", None)


def test_confirming_takes_the_money(v1):
    given = {"amount": 12000, "currency": "usd", "automatic_payment_methods": CARD_ONLY}
    intent = v1.payment_intents.create(given)

    assert v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_paid_intent_cannot_be_confirmed_again(platform, v1):
    intent = platform.intent()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.confirm(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_paid_intent_cannot_be_canceled(platform, v1):
    intent = platform.intent()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.cancel(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_an_unpaid_intent_is_canceled_with_a_reason(v1):
    intent = v1.payment_intents.create({"amount": 12000, "currency": "usd"})

    canceled = v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")


def test_too_little_is_refused(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.create({"amount": 49, "currency": "usd"})

    assert refusal.value.code == "amount_too_small"


def test_too_much_is_refused(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.create({"amount": 100_000_000, "currency": "usd"})

    assert refusal.value.code == "amount_too_large"


def test_the_group_and_the_metadata_of_an_intent_are_those_of_its_charge(platform):
    charge = platform.charge(transfer_group="order_1", metadata={"order": "1"})

    assert (charge.transfer_group, charge.metadata["order"]) == ("order_1", "1")


# cards


def test_a_declined_card_is_a_card_error_of_402(platform):
    error = declined(platform, "pm_card_visa_chargeDeclined")

    assert (error.type, error.code, error.decline_code) == ("card_error", "card_declined", "generic_decline")


def test_a_decline_leaves_the_intent_open_with_its_reason(platform, v1):
    error = declined(platform, "pm_card_visa_chargeDeclined")

    intent = v1.payment_intents.retrieve(error.payment_intent.id)

    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.decline_code == "generic_decline"


def test_a_decline_leaves_a_failed_charge(platform, v1):
    error = declined(platform, "pm_card_visa_chargeDeclined")

    charge = v1.charges.retrieve(error.charge)

    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, "card_declined")


def test_another_card_can_pay_what_one_did_not(platform, v1):
    error = declined(platform, "pm_card_visa_chargeDeclined")

    again = v1.payment_intents.confirm(error.payment_intent.id, {"payment_method": "pm_card_visa"})

    assert again.status == "succeeded"


def test_a_card_without_funds_says_so(platform):
    error = declined(platform, "pm_card_visa_chargeDeclinedInsufficientFunds")

    assert (error.code, error.decline_code) == ("card_declined", "insufficient_funds")


def test_a_stolen_card_says_so(platform):
    assert declined(platform, "pm_card_visa_chargeDeclinedStolenCard").decline_code == "stolen_card"


def test_an_expired_card_has_a_code_of_its_own(platform):
    assert declined(platform, "pm_card_chargeDeclinedExpiredCard").code == "expired_card"


def test_a_wrong_security_code_has_a_code_of_its_own(platform):
    assert declined(platform, "pm_card_chargeDeclinedIncorrectCvc").code == "incorrect_cvc"


def test_a_processing_error_has_a_code_of_its_own(platform):
    assert declined(platform, "pm_card_chargeDeclinedProcessingError").code == "processing_error"


def test_a_blocked_card_is_the_highest_risk(platform, v1):
    error = declined(platform, "pm_card_radarBlock")

    outcome = v1.charges.retrieve(error.charge).outcome

    assert (outcome.type, outcome.risk_level) == ("blocked", "highest")


def test_an_elevated_risk_is_paid_and_marked(platform):
    assert platform.charge(card="pm_card_riskLevelElevated").outcome.risk_level == "elevated"


def test_the_charge_shows_brand_ending_and_country_of_the_card(platform):
    card = platform.charge(card="pm_card_mastercard").payment_method_details.card

    assert (card.brand, card.last4, card.country) == ("mastercard", "4444", "US")


def test_a_failed_security_code_check_is_shown_on_a_paid_charge(platform):
    charge = platform.charge(card="pm_card_cvcCheckFail")

    assert (charge.paid, charge.payment_method_details.card.checks.cvc_check) == (True, "fail")


# 3D Secure


def test_a_card_that_asks_for_3d_secure_requires_an_action(platform):
    intent = platform.intent(card="pm_card_authenticationRequired", return_url="https://shop.test/back")

    assert (intent.status, intent.latest_charge) == ("requires_action", None)


def test_off_session_3d_secure_cannot_be_asked_for(platform):
    error = declined(platform, "pm_card_authenticationRequired", off_session=True)

    assert error.code == "authentication_required"


def test_a_card_that_was_set_up_pays_off_session(platform):
    card = "pm_card_authenticationRequiredSetupForOffSession"

    assert platform.intent(card=card, off_session=True).status == "succeeded"


# authorise now, capture later


def test_a_manual_intent_waits_to_be_captured(platform):
    intent = platform.intent(capture_method="manual")

    assert (intent.status, intent.amount_capturable) == ("requires_capture", 12000)
    assert intent.latest_charge.captured is False


def test_a_part_may_be_captured(platform, v1):
    intent = platform.intent(capture_method="manual")

    captured = v1.payment_intents.capture(intent.id, {"amount_to_capture": 5000})

    assert (captured.status, captured.amount_received) == ("succeeded", 5000)


def test_canceling_what_was_authorised_gives_it_back(platform, v1):
    intent = platform.intent(capture_method="manual")

    v1.payment_intents.cancel(intent.id)

    assert v1.charges.retrieve(intent.latest_charge.id).refunded is True


def test_more_than_was_authorised_cannot_be_captured(platform, v1):
    intent = platform.intent(capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.capture(intent.id, {"amount_to_capture": 12001})

    assert refusal.value.code == "amount_too_large"


# saved cards


def test_a_card_is_attached_to_a_customer_and_listed(platform, v1):
    customer = platform.customer()

    listed = v1.customers.payment_methods.list(customer.id)

    assert [method.card.last4 for method in listed.data] == ["4242"]


def test_a_card_that_would_decline_cannot_be_attached(platform, v1):
    customer = v1.customers.create({})

    with pytest.raises(stripe.CardError):
        v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})


def test_one_card_is_attached_and_then_declines_every_charge(platform):
    customer = platform.customer("pm_card_chargeCustomerFail")

    method = customer.invoice_settings.default_payment_method

    assert declined(platform, method, customer=customer.id).code == "card_declined"


def test_a_detached_card_belongs_to_nobody(platform, v1):
    customer = platform.customer()
    method = v1.payment_methods.detach(customer.invoice_settings.default_payment_method)

    assert method.customer is None
    assert v1.customers.payment_methods.list(customer.id).data == []


def test_a_deleted_customer_is_gone(v1):
    customer = v1.customers.create({})

    assert v1.customers.delete(customer.id).deleted is True
