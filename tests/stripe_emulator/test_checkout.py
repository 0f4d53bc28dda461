from __future__ import annotations

import pytest
import stripe


def test_a_new_session_is_open_unpaid_and_has_an_address(shop):
    session = shop.session(metadata={"order": "7"}, client_reference_id="order-7")

    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert session.url == f"http://127.0.0.1:12111/c/pay/{session.id}"
    assert (session.amount_total, session.currency) == (12000, "usd")
    assert (session.metadata["order"], session.client_reference_id) == ("7", "order-7")


def test_paying_hands_group_and_metadata_to_intent_and_charge(shop):
    charge = shop.charge(payment_intent_data={"transfer_group": "order_7", "metadata": {"order": "7"}})

    assert (charge.transfer_group, charge.metadata["order"]) == ("order_7", "7")
    intent = shop.stripe.v1.payment_intents.retrieve(charge.payment_intent)
    assert (intent.status, intent.amount_received, intent.transfer_group) == ("succeeded", 12000, "order_7")


def test_a_paid_session_tells_who_paid_and_has_no_address(shop):
    paid = shop.pay(shop.session(), email="ben@demo.test", name="Ben")

    assert (paid["customer_details"]["email"], paid["customer_details"]["name"]) == ("ben@demo.test", "Ben")
    assert paid["url"] is None


def test_the_email_of_the_session_wins_over_the_form(shop):
    paid = shop.pay(shop.session(customer_email="ben@demo.test"), email="cleo@demo.test")

    assert paid["customer_details"]["email"] == "ben@demo.test"


def test_a_session_of_a_customer_charges_the_customer(shop):
    ben = shop.stripe.v1.customers.create({"email": "ben@demo.test", "name": "Ben"})

    charge = shop.charge(customer=ben.id)

    assert charge.customer == ben.id


def test_paying_twice_is_refused(shop):
    session = shop.session()
    shop.pay(session)

    status, error = shop.refused("POST", f"checkout/{session.id}/pay")

    assert (status, error["code"]) == (400, "checkout_session_complete")
    assert shop.totals() == (0, 12000 - 378)


def test_leaving_changes_nothing(shop):
    session = shop.session()

    assert shop.control("POST", f"checkout/{session.id}/cancel")["status"] == "open"


def test_an_expired_session_cannot_be_paid_and_its_intent_is_canceled(shop):
    session = shop.session()
    _, error = shop.refused("POST", f"checkout/{session.id}/pay", card="4000000000000002")

    expired = shop.stripe.v1.checkout.sessions.expire(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    intent = shop.stripe.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")
    status, refusal = shop.refused("POST", f"checkout/{session.id}/pay")
    assert (status, refusal["code"]) == (400, "checkout_session_expired")


def test_expiring_a_paid_session_is_refused(shop):
    session = shop.session()
    shop.pay(session)

    with pytest.raises(stripe.InvalidRequestError, match="status of complete"):
        shop.stripe.v1.checkout.sessions.expire(session.id)


@pytest.mark.parametrize(
    ("minutes", "fine"), [(29, False), (30, True), (40, True), (24 * 60, True), (24 * 60 + 1, False)]
)
def test_sessions_expire_between_half_an_hour_and_a_day_from_now(shop, minutes, fine):
    at = shop.now() + minutes * 60

    if fine:
        assert shop.session(expires_at=at).expires_at == at
    else:
        with pytest.raises(stripe.InvalidRequestError, match="expires_at"):
            shop.session(expires_at=at)


def test_the_clock_expires_a_session_at_its_second(shop):
    session = shop.session(expires_at=shop.now() + 1800)

    shop.advance(seconds=1799)
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"

    shop.advance(seconds=1)
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "expired"
    event = shop.stripe.v1.events.list({"types": ["checkout.session.expired"]}).data[0]
    assert (event.data.object["id"], event.created) == (session.id, session.expires_at)


def test_a_session_of_nothing_needs_no_payment(shop):
    session = shop.session(0)
    assert session.payment_status == "no_payment_required"

    done = shop.pay(session, email="ben@demo.test")

    assert (done["status"], done["payment_intent"]) == ("complete", None)
    assert shop.totals() == (0, 0)


def test_less_than_the_minimum_is_refused(shop):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.session(49)

    assert refusal.value.code == "amount_too_small"


def test_line_items_are_listed_and_expanded(shop):
    session = shop.session()

    listed = shop.stripe.v1.checkout.sessions.line_items.list(session.id).data
    expanded = shop.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})

    assert [(item.description, item.amount_total) for item in listed] == [("A session", 12000)]
    assert [item.id for item in expanded.line_items.data] == [item.id for item in listed]
    assert not hasattr(shop.stripe.v1.checkout.sessions.retrieve(session.id), "line_items")


def test_sessions_are_listed_by_status_and_intent(shop):
    paid, left = shop.session(), shop.session()
    intent = shop.pay(paid)["payment_intent"]
    sessions = shop.stripe.v1.checkout.sessions

    assert [session.id for session in sessions.list({"status": "open"}).data] == [left.id]
    assert [session.id for session in sessions.list({"payment_intent": intent}).data] == [paid.id]
    assert [session.id for session in sessions.list().data] == [left.id, paid.id]


def test_zero_decimal_currencies_are_charged_whole(shop):
    charge = shop.charge(5000, currency="jpy")

    assert (charge.amount, charge.currency) == (5000, "jpy")
    assert shop.totals(currency="jpy") == (0, 5000 - 175)


def test_intents_without_checkout_confirm_capture_and_cancel(shop):
    intents = shop.stripe.v1.payment_intents
    held = intents.create(
        {
            "amount": 5000,
            "currency": "usd",
            "capture_method": "manual",
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    assert (held.status, held.amount_capturable) == ("requires_capture", 5000)
    assert shop.totals() == (0, 0)

    captured = intents.capture(held.id, {"amount_to_capture": 3000})
    assert (captured.status, captured.amount_received) == ("succeeded", 3000)
    assert shop.totals() == (0, 3000 - 117)

    canceled = intents.cancel(intents.create({"amount": 5000, "currency": "usd"}).id)
    assert canceled.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        intents.confirm(canceled.id, {"payment_method": "pm_card_visa"})


def test_off_session_use_asks_for_authentication_unless_the_card_was_set_up(shop):
    intents = shop.stripe.v1.payment_intents
    given = {"amount": 5000, "currency": "usd", "confirm": True, "off_session": True}

    with pytest.raises(stripe.CardError) as refusal:
        intents.create({**given, "payment_method": "pm_card_authenticationRequired"})
    ready = intents.create({**given, "payment_method": "pm_card_authenticationRequiredSetupForOffSession"})

    assert refusal.value.code == "authentication_required"
    assert ready.status == "succeeded"


def test_an_intent_that_needs_3d_secure_says_where(shop):
    intent = shop.stripe.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_threeDSecure2Required",
            "return_url": "http://shop.test/back",
        }
    )

    assert intent.status == "requires_action"
    assert intent.next_action.redirect_to_url.url == f"http://127.0.0.1:12111/3ds/{intent.id}"
