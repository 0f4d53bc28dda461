"""Checkout that begins a subscription or saves a card."""

from __future__ import annotations

import pytest
import stripe

from .billing import DAY, at
from .test_pages import CARD, get, path, post, text

AUTHENTICATES, SAVED_THEN_DECLINED = "4000002760003184", "4000000000000341"


def checkout(shop, price=None, *, quantity=1, **more):
    items = [{"price": (price or shop.price()).id, "quantity": quantity}]
    return shop.session(mode="subscription", line_items=items, **more)


def made_by(shop, session):
    done = shop.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
    return done, done.subscription


def test_paying_begins_the_subscription_of_a_new_customer(shop):
    session = checkout(
        shop, quantity=2, subscription_data={"metadata": {"member": "7"}, "description": "Full"}
    )
    assert (session.mode, session.amount_total, session.customer_creation) == ("subscription", 6000, "always")
    assert (session.subscription, session.payment_intent) == (None, None)

    shop.pay(session, email="ben@demo.test", name="Ben")

    done, subscription = made_by(shop, session)
    assert (done.status, done.payment_status, done.payment_intent) == ("complete", "paid", None)
    assert (subscription.status, subscription.metadata["member"], subscription.description) == (
        "active",
        "7",
        "Full",
    )
    assert subscription["items"].data[0].quantity == 2
    invoice = subscription.latest_invoice
    assert (done.invoice, invoice.status, invoice.amount_paid) == (invoice.id, "paid", 6000)
    customer = shop.stripe.v1.customers.retrieve(done.customer)
    assert (customer.email, customer.name, subscription.customer) == ("ben@demo.test", "Ben", customer.id)
    charge = shop.stripe.v1.charges.list().data[0]
    assert (charge.customer, charge.payment_method) == (customer.id, subscription.default_payment_method)
    assert shop.totals() == (0, 6000 - 204)


def test_what_happened_is_told(shop):
    shop.pay(checkout(shop))

    told = shop.events()
    for kind in (
        "customer.subscription.created",
        "invoice.paid",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ):
        assert told.count(kind) == 1
    assert told[-1] == "checkout.session.completed"


def test_it_renews_with_the_same_card(shop):
    session = checkout(shop)
    shop.pay(session, card="4000002500003155")  # asks on session, not once it is set up
    _, subscription = made_by(shop, session)

    shop.set_clock("2026-12-24T10:00:00Z")

    assert shop.latest_invoice(subscription).status == "paid"
    assert shop.again(subscription).status == "active"


def test_a_declined_card_begins_nothing(shop):
    session = checkout(shop)

    status, error = shop.refused("POST", f"checkout/{session.id}/pay", card="4000000000000002")

    assert (status, error["code"]) == (402, "card_declined")
    assert shop.stripe.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.stripe.v1.invoices.list().data == []
    shop.pay(session)
    assert made_by(shop, session)[1].status == "active"
    assert len(shop.stripe.v1.customers.list().data) == 1


def test_a_known_customer_stays_who_he_is(shop):
    ben = shop.customer(None)
    shop.stripe.v1.invoice_items.create({"customer": ben.id, "amount": 900, "currency": "usd"})

    session = checkout(shop, customer=ben.id)
    shop.pay(session)

    done, subscription = made_by(shop, session)
    assert (done.customer, subscription.customer) == (ben.id, ben.id)
    assert subscription.latest_invoice.total == 3000  # what was shown; the other item waits


def test_one_time_prices_are_on_the_first_invoice_only(shop):
    items = [{"price": shop.price().id, "quantity": 1}, {"price": shop.price(500, None).id, "quantity": 2}]
    session = shop.session(mode="subscription", line_items=items)
    assert session.amount_total == 4000
    shop.pay(session)

    _, subscription = made_by(shop, session)
    assert subscription.latest_invoice.total == 4000
    shop.set_clock("2026-12-24T10:00:00Z")
    assert shop.latest_invoice(subscription).total == 3000


def test_inline_prices_may_recur(shop):
    data = {
        "currency": "usd",
        "unit_amount": 700,
        "product_data": {"name": "Seat"},
        "recurring": {"interval": "year"},
    }
    session = shop.session(mode="subscription", line_items=[{"price_data": data, "quantity": 3}])

    shop.pay(session)

    _, subscription = made_by(shop, session)
    assert subscription.latest_invoice.total == 2100
    assert subscription["items"].data[0].price.recurring.interval == "year"


def test_a_trial_saves_the_card_and_charges_it_when_it_ends(shop):
    session = checkout(shop, subscription_data={"trial_period_days": 7})
    assert (session.amount_total, session.payment_status) == (0, "no_payment_required")
    page = text(get(shop, path(session.url)))
    assert "Start trial" in page
    assert "$30.00 every month" in page

    shop.pay(session)

    done, subscription = made_by(shop, session)
    assert (done.payment_status, subscription.status) == ("no_payment_required", "trialing")
    assert subscription.trial_end == shop.now() + 7 * DAY
    assert shop.stripe.v1.charges.list().data == []
    shop.advance(days=7, hours=1)
    assert (shop.again(subscription).status, shop.latest_invoice(subscription).amount_paid) == (
        "active",
        3000,
    )


def test_a_trial_with_a_card_that_will_fail_ends_past_due(shop):
    session = checkout(shop, subscription_data={"trial_period_days": 7})
    shop.pay(session, card=SAVED_THEN_DECLINED)
    _, subscription = made_by(shop, session)

    shop.advance(days=7, hours=1)

    assert shop.again(subscription).status == "past_due"


def test_a_trial_may_need_no_card(shop):
    settings = {"end_behavior": {"missing_payment_method": "cancel"}}
    session = checkout(
        shop,
        subscription_data={"trial_period_days": 7, "trial_settings": settings},
        payment_method_collection="if_required",
    )
    assert "Complete order" in text(get(shop, path(session.url)))

    shop.pay(session, email="ben@demo.test")

    _, subscription = made_by(shop, session)
    assert (subscription.status, subscription.default_payment_method) == ("trialing", None)
    shop.advance(days=8)
    assert shop.again(subscription).status == "canceled"


@pytest.mark.parametrize(
    ("duration", "totals"),
    [
        ({"duration": "once"}, [1500, 3000, 3000]),
        ({"duration": "repeating", "duration_in_months": 2}, [1500, 1500, 3000]),
        ({"duration": "forever"}, [1500, 1500, 1500]),
    ],
)
def test_a_coupon_lasts_as_long_as_it_says(shop, duration, totals):
    half = shop.stripe.v1.coupons.create({"percent_off": 50, "name": "Half", **duration})
    session = checkout(shop, discounts=[{"coupon": half.id}])
    assert session.amount_total == 1500

    shop.pay(session)
    _, subscription = made_by(shop, session)
    shop.set_clock("2027-01-24T10:00:00Z")

    invoices = shop.stripe.v1.invoices.list({"subscription": subscription.id}).data[::-1]
    assert [invoice.total for invoice in invoices] == totals
    assert {invoice.status for invoice in invoices} == {"paid"}
    assert shop.stripe.v1.coupons.retrieve(half.id).times_redeemed == 1
    left = shop.stripe.v1.subscriptions.retrieve(subscription.id, {"expand": ["discounts"]}).discounts
    assert len(left) == (totals[-1] == 1500 or "duration_in_months" in duration)


def test_a_code_entered_on_the_page_is_the_subscriptions_discount(shop):
    quarter = shop.stripe.v1.coupons.create({"percent_off": 25, "duration": "forever"})
    code = shop.stripe.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": quarter.id}, "code": "SPRING"}
    )
    session = checkout(shop, allow_promotion_codes=True)
    url = path(session.url)

    post(shop, url, {"promotion_code": "spring", "apply": "1"})
    assert "Subscribe and pay $22.50" in text(get(shop, url))
    post(shop, url, CARD)

    _, subscription = made_by(shop, session)
    shown = shop.stripe.v1.subscriptions.retrieve(subscription.id, {"expand": ["discounts"]})
    assert subscription.latest_invoice.total == 2250
    assert (shown.discounts[0].promotion_code, shown.discounts[0].source.coupon) == (code.id, quarter.id)
    assert shown.discounts[0].checkout_session == session.id
    shop.stripe.v1.subscriptions.delete_discount(subscription.id)
    shop.set_clock("2026-12-24T10:00:00Z")
    assert shop.latest_invoice(subscription).total == 3000


def test_a_half_price_trial_keeps_its_one_time_coupon_for_the_first_charge(shop):
    half = shop.stripe.v1.coupons.create({"percent_off": 50, "duration": "once"})
    session = checkout(shop, subscription_data={"trial_period_days": 7}, discounts=[{"coupon": half.id}])
    shop.pay(session)
    _, subscription = made_by(shop, session)

    shop.advance(days=7, hours=1)

    assert shop.latest_invoice(subscription).amount_paid == 1500


def test_a_code_for_first_customers_or_for_one_is_for_nobody_else(shop):
    coupon = shop.stripe.v1.coupons.create({"percent_off": 50})
    ben, cleo = shop.customer(), shop.customer()
    shop.subscribe(ben)

    def code(**more):
        return shop.stripe.v1.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": coupon.id}, **more}
        )

    first, cleos = code(restrictions={"first_time_transaction": True}), code(customer=cleo.id)

    for given in (first, cleos):
        with pytest.raises(stripe.InvalidRequestError):
            checkout(shop, customer=ben.id, discounts=[{"promotion_code": given.id}])
        assert checkout(shop, customer=cleo.id, discounts=[{"promotion_code": given.id}]).amount_total == 1500


def test_3d_secure_on_the_page_begins_it_afterwards(shop):
    for data in ({}, {"trial_period_days": 7}):
        session = checkout(shop, subscription_data=data)
        asked = post(shop, path(session.url), CARD | {"number": AUTHENTICATES})
        assert asked.status == 303
        assert "ending in 3184" in text(get(shop, asked.headers["Location"]))
        assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"

        failed = post(shop, asked.headers["Location"], {"outcome": "fail"})
        assert "error=authentication" in failed.headers["Location"]
        asked = post(shop, path(session.url), CARD | {"number": AUTHENTICATES})
        done = post(shop, asked.headers["Location"], {"outcome": "complete"})

        assert done.headers["Location"] == f"http://shop.test/done?session={session.id}"
        assert made_by(shop, session)[1].status == ("trialing" if data else "active")


def test_an_expired_one_begins_nothing(shop):
    session = checkout(shop)
    shop.refused("POST", f"checkout/{session.id}/pay", card="4000000000000002")

    shop.stripe.v1.checkout.sessions.expire(session.id)

    assert shop.stripe.v1.payment_intents.list().data[0].status == "canceled"
    assert shop.refused("POST", f"checkout/{session.id}/pay")[1]["code"] == "checkout_session_expired"


# saving a card


def saving(shop, **more):
    given = {
        "mode": "setup",
        "currency": "usd",
        "success_url": "http://shop.test/done?s={CHECKOUT_SESSION_ID}",
    }
    return shop.stripe.v1.checkout.sessions.create(given | more)


def test_setup_saves_a_card_for_the_customer_without_a_charge(shop):
    ben = shop.customer(None)
    session = saving(shop, customer=ben.id, setup_intent_data={"metadata": {"for": "renewals"}})
    assert (session.amount_total, session.payment_status) == (None, "no_payment_required")
    assert "Save card" in text(get(shop, path(session.url)))

    post(shop, path(session.url), CARD)

    done = shop.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert (done.status, done.setup_intent.status) == ("complete", "succeeded")
    assert done.setup_intent.metadata["for"] == "renewals"
    assert done.setup_intent.payment_method.customer == ben.id
    assert [method.id for method in shop.stripe.v1.customers.payment_methods.list(ben.id).data] == [
        done.setup_intent.payment_method.id
    ]
    assert shop.stripe.v1.charges.list().data == []


def test_a_card_that_cannot_be_saved_is_declined_and_another_will_do(shop):
    session = saving(shop, customer=shop.customer(None).id)

    status, error = shop.refused("POST", f"checkout/{session.id}/pay", card="4000000000000002")
    assert (status, error["code"]) == (402, "card_declined")
    intent = shop.stripe.v1.setup_intents.retrieve(session.setup_intent)
    assert (intent.status, intent.last_setup_error.code) == ("requires_payment_method", "card_declined")
    shop.pay(session, card=SAVED_THEN_DECLINED)

    assert shop.stripe.v1.setup_intents.retrieve(session.setup_intent).status == "succeeded"


def test_setup_intents_are_made_confirmed_and_canceled(shop):
    ben, intents = shop.customer(None), shop.stripe.v1.setup_intents
    made = intents.create({"customer": ben.id})
    assert made.status == "requires_payment_method"

    done = intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    asking = intents.create(
        {
            "customer": ben.id,
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "http://shop.test/back",
        }
    )
    dropped = intents.cancel(intents.create({}).id, {"cancellation_reason": "abandoned"})

    assert (done.status, dropped.status) == ("succeeded", "canceled")
    assert (asking.status, asking.next_action.redirect_to_url.url[-5:]) == ("requires_action", asking.id[-5:])
    back = post(shop, path(asking.next_action.redirect_to_url.url), {"outcome": "complete"})
    assert back.headers["Location"].startswith(f"http://shop.test/back?setup_intent={asking.id}")
    assert intents.retrieve(asking.id).status == "succeeded"
    assert [entry.id for entry in intents.list({"customer": ben.id}).data] == [asking.id, made.id]
    for refused in (intents.confirm, intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
            refused(done.id)
    with pytest.raises(stripe.CardError):
        intents.create({"payment_method": "pm_card_visa_chargeDeclined", "confirm": True})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mode": "payment"}, "recurring price"),
        ({"mode": "setup"}, "setup` mode"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ({"setup_intent_data": {"description": "x"}}, "setup_intent_data"),
        ({"subscription_data": {"application_fee_percent": 3}}, "application_fee_percent"),
        ({"automatic_tax": {"enabled": True}}, "automatic tax"),
        ({"line_items": []}, "line_items"),
    ],
)
def test_what_does_not_go_together_is_refused(shop, change, complaint):
    items = [{"price": shop.price().id, "quantity": 1}]

    with pytest.raises(stripe.StripeError, match=complaint):
        shop.session(**({"mode": "subscription", "line_items": items} | change))


def test_a_session_is_found_by_its_subscription(shop):
    first, second = checkout(shop), checkout(shop)
    shop.pay(first)
    shop.pay(second)

    listed = shop.stripe.v1.checkout.sessions.list({"subscription": made_by(shop, first)[1].id}).data

    assert [session.id for session in listed] == [first.id]
    assert made_by(shop, first)[1]["items"].data[0].current_period_end == at("2026-12-24T09:00")
