from __future__ import annotations

import pytest
import stripe

VISA, DECLINED, SECURE = "4242424242424242", "4000000000000002", "4000002760003184"


def paid(platform, session, card=VISA, **more):
    platform.control(f"checkout/{session.id}/pay", card=card, **more)
    return platform.v1.checkout.sessions.retrieve(session.id)


def test_a_session_is_open_and_unpaid_with_a_page_of_its_own(platform):
    session = platform.session()

    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.url.startswith("http")


def test_a_session_has_no_intent_before_somebody_tries_to_pay(platform):
    assert platform.session().payment_intent is None


def test_the_lines_of_a_session_are_asked_for_apart(platform, v1):
    session = platform.session()

    [line] = v1.checkout.sessions.line_items.list(session.id).data

    assert (line.description, line.quantity, line.amount_total) == ("A session", 1, 12000)


def test_a_session_must_last_half_an_hour(platform, v1):
    created = platform.session().created

    with pytest.raises(stripe.InvalidRequestError, match="30 minutes"):
        platform.session(expires_at=created + 60)


def test_a_session_lasts_a_day_at_most(platform):
    session = platform.session()
    assert session.expires_at == session.created + 86400

    with pytest.raises(stripe.InvalidRequestError, match="24 hours"):
        platform.session(expires_at=session.created + 2 * 86400)


def test_an_open_session_can_be_expired(platform, v1):
    expired = v1.checkout.sessions.expire(platform.session().id)

    assert (expired.status, expired.url) == ("expired", None)


def test_an_expired_session_cannot_be_expired_again(platform, v1):
    session = platform.session()
    v1.checkout.sessions.expire(session.id)

    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        v1.checkout.sessions.expire(session.id)


def test_too_little_to_charge_makes_no_session(platform):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        platform.session(amount=49)

    assert refusal.value.code == "amount_too_small"


def test_a_coupon_is_taken_off_the_whole(platform, v1):
    coupon = v1.coupons.create({"percent_off": 25, "duration": "once"})

    session = platform.session(discounts=[{"coupon": coupon.id}])

    assert (session.amount_subtotal, session.amount_total) == (12000, 9000)
    assert session.total_details.amount_discount == 3000


def test_what_is_wholly_discounted_needs_no_payment(platform, v1):
    coupon = v1.coupons.create({"percent_off": 100, "duration": "once"})

    session = platform.session(discounts=[{"coupon": coupon.id}])

    assert (session.amount_total, session.payment_status) == (0, "no_payment_required")


def test_discounts_and_a_field_for_codes_exclude_each_other(platform, v1):
    coupon = v1.coupons.create({"percent_off": 25, "duration": "once"})

    with pytest.raises(stripe.InvalidRequestError):
        platform.session(discounts=[{"coupon": coupon.id}], allow_promotion_codes=True)


def test_a_customer_and_an_address_exclude_each_other(platform, v1):
    customer = v1.customers.create({})

    with pytest.raises(stripe.InvalidRequestError):
        platform.session(customer=customer.id, customer_email="ben@demo.test")


def test_the_reference_of_a_session_comes_back(platform):
    assert platform.session(client_reference_id="order_1").client_reference_id == "order_1"


def test_sessions_are_found_by_their_status(platform, v1):
    customer = v1.customers.create({})
    gone, there = (platform.session(customer=customer.id).id for _ in range(2))
    v1.checkout.sessions.expire(gone)

    listed = v1.checkout.sessions.list({"customer": customer.id, "status": "open"})

    assert [session.id for session in listed.data] == [there]


@pytest.mark.emulator_only
def test_paying_completes_the_session_and_its_intent(platform, v1):
    session = paid(platform, platform.session(payment_intent_data={"transfer_group": "order_1"}))

    assert (session.status, session.payment_status) == ("complete", "paid")
    intent = v1.payment_intents.retrieve(session.payment_intent)
    assert (intent.status, intent.transfer_group) == ("succeeded", "order_1")


@pytest.mark.emulator_only
def test_a_declined_card_leaves_the_session_open(platform):
    session = platform.session()

    refused = platform.emulator.control("POST", f"checkout/{session.id}/pay", card=DECLINED)

    assert refused.status == 402
    assert paid(platform, session).payment_status == "paid"


@pytest.mark.emulator_only
def test_whoever_fails_3d_secure_has_not_paid(platform, v1):
    session = platform.session()

    refused = platform.emulator.control("POST", f"checkout/{session.id}/pay", card=SECURE, authenticate=False)

    assert refused.json()["error"]["code"] == "payment_intent_authentication_failure"
    assert v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.emulator_only
def test_nobody_pays_a_session_that_has_expired(platform, v1):
    session = platform.session()
    v1.checkout.sessions.expire(session.id)

    refused = platform.emulator.control("POST", f"checkout/{session.id}/pay", card=VISA)

    assert refused.json()["error"]["code"] == "checkout_session_expired"


@pytest.mark.emulator_only
def test_a_session_expires_by_itself_and_tells(platform, v1):
    session = platform.session()
    platform.advance(days=1)

    assert v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert v1.events.list({"limit": 1}).data[0].type == "checkout.session.expired"


@pytest.mark.emulator_only
def test_the_intent_of_a_session_that_expires_half_paid_is_canceled(platform, v1):
    session = platform.session()
    platform.emulator.control("POST", f"checkout/{session.id}/pay", card=DECLINED)
    platform.advance(days=1)

    intent = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]}).payment_intent

    assert intent.status == "canceled"
