from __future__ import annotations

import pytest
import stripe

DAY = 86400
LAST_SECOND = 1_800_000_000  # a Friday in January 2027


@pytest.fixture
def clock(v1):
    """A test clock, deleted with all its customers afterwards."""
    made = v1.test_helpers.test_clocks.create({"frozen_time": LAST_SECOND})
    yield made
    v1.test_helpers.test_clocks.delete(made.id)


@pytest.fixture
def ben(platform, clock):
    """A customer on that clock, with a good card."""
    return platform.customer(test_clock=clock.id, email="ben@demo.test")


@pytest.fixture
def advance(platform, v1, clock):
    """Moves the clock by days from where it was made, and waits until it has."""
    clocks = v1.test_helpers.test_clocks

    def move(days):
        clocks.advance(clock.id, {"frozen_time": LAST_SECOND + days * DAY})
        return platform.eventually(lambda: [c for c in [clocks.retrieve(clock.id)] if c.status == "ready"])[0]

    return move


@pytest.fixture
def subscribe(v1):
    def make(customer, price, **more):
        items = [{"price": price.id}]
        return v1.subscriptions.create({"customer": customer.id, "items": items} | more)

    return make


def period(subscription):
    item = subscription["items"].data[0]
    return item.current_period_start, item.current_period_end


def invoices(v1, subscription):
    """Newest first."""
    return v1.invoices.list({"subscription": subscription.id}).data


# products and prices


def test_a_price_makes_its_product(platform, v1):
    price = platform.price()

    assert v1.products.retrieve(price.product).name == "Membership"
    assert (price.type, price.recurring.interval) == ("recurring", "month")


def test_a_price_is_found_by_its_key(platform, v1):
    key = platform.unique("monthly")
    price = platform.price(lookup_key=key)

    assert [found.id for found in v1.prices.list({"lookup_keys": [key]}).data] == [price.id]


def test_a_key_is_handed_on_to_another_price(platform, v1):
    key = platform.unique("monthly")
    first = platform.price(lookup_key=key)

    second = platform.price(amount=1200, lookup_key=key, transfer_lookup_key=True)

    assert [found.id for found in v1.prices.list({"lookup_keys": [key]}).data] == [second.id]
    assert v1.prices.retrieve(first.id).lookup_key is None


def test_the_amount_of_a_price_is_never_changed(platform, v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.prices.update(platform.price().id, {"unit_amount": 1})


def test_an_inactive_price_is_not_sold(platform, v1, subscribe):
    price = platform.price()
    v1.prices.update(price.id, {"active": False})

    with pytest.raises(stripe.InvalidRequestError):
        subscribe(platform.customer(), price)


# subscriptions


def test_a_paid_subscription_is_active(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())

    assert subscription.status == "active"
    assert v1.invoices.retrieve(subscription.latest_invoice).status == "paid"


def test_the_period_lies_on_the_item(platform, subscribe):
    begin, end = period(subscribe(platform.customer(), platform.price()))

    assert 28 * DAY <= end - begin <= 31 * DAY


def test_a_declined_first_payment_leaves_it_incomplete(platform, subscribe):
    customer = platform.customer("pm_card_chargeCustomerFail")

    assert subscribe(customer, platform.price()).status == "incomplete"


def test_a_declined_first_payment_may_be_an_error_instead(platform, v1, subscribe):
    customer = platform.customer("pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError):
        subscribe(customer, platform.price(), payment_behavior="error_if_incomplete")
    assert v1.subscriptions.list({"customer": customer.id, "status": "all"}).data == []


def test_a_trial_costs_nothing(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price(), trial_period_days=7)

    assert subscription.status == "trialing"
    assert v1.invoices.retrieve(subscription.latest_invoice).total == 0


def test_a_subscription_may_end_with_its_period_and_may_be_kept(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())

    ending = v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    kept = v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})

    assert (ending.status, ending.cancel_at) == ("active", period(ending)[1])
    assert (kept.cancel_at_period_end, kept.cancel_at) == (False, None)


def test_a_subscription_may_end_at_once(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())

    ended = v1.subscriptions.cancel(subscription.id)

    assert ended.status == "canceled"
    assert ended.ended_at is not None


def test_an_ended_subscription_is_listed_only_when_asked_for(platform, v1, subscribe):
    customer = platform.customer()
    subscription = subscribe(customer, platform.price())
    v1.subscriptions.cancel(subscription.id)

    assert v1.subscriptions.list({"customer": customer.id}).data == []
    assert len(v1.subscriptions.list({"customer": customer.id, "status": "all"}).data) == 1


def test_more_of_it_is_charged_in_proportion(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())
    item = subscription["items"].data[0]

    given = {"items": [{"id": item.id, "quantity": 3}], "proration_behavior": "always_invoice"}
    changed = v1.subscriptions.update(subscription.id, given)

    assert changed["items"].data[0].quantity == 3
    assert 0 < v1.invoices.retrieve(changed.latest_invoice).total <= 1800


def test_a_change_without_proration_costs_nothing_now(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())
    item = subscription["items"].data[0]

    given = {"items": [{"id": item.id, "quantity": 3}], "proration_behavior": "none"}
    changed = v1.subscriptions.update(subscription.id, given)

    assert changed.latest_invoice == subscription.latest_invoice


def test_another_interval_begins_a_new_period(platform, v1, subscribe):
    monthly = platform.price()
    yearly = platform.price(9000, "year", product=monthly.product, product_data=None)
    subscription = subscribe(platform.customer(), monthly)

    items = [{"id": subscription["items"].data[0].id, "price": yearly.id}]
    begin, end = period(v1.subscriptions.update(subscription.id, {"items": items}))

    assert end - begin >= 365 * DAY


# invoices


def test_an_invoice_belongs_to_its_subscription(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())

    invoice = v1.invoices.retrieve(subscription.latest_invoice)

    assert invoice.parent.subscription_details.subscription == subscription.id
    assert (invoice.billing_reason, invoice.amount_paid) == ("subscription_create", 900)


def sent(platform, v1, customer=None, amount=50000):
    """An open invoice that is sent."""
    customer = customer or platform.customer(email="uma@demo.test")
    given = {"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 30}
    invoice = v1.invoices.create(given)
    item = {"customer": customer.id, "amount": amount, "currency": "usd", "invoice": invoice.id}
    v1.invoice_items.create(item)
    return v1.invoices.finalize_invoice(invoice.id)


def test_an_invoice_is_a_draft_until_it_is_finalized(platform, v1):
    customer = platform.customer()
    draft = v1.invoices.create({"customer": customer.id, "auto_advance": False})

    assert (draft.status, draft.number) == ("draft", None)


def test_a_finalized_invoice_has_a_number_a_page_and_a_day(platform, v1):
    invoice = sent(platform, v1)

    assert (invoice.status, invoice.amount_due) == ("open", 50000)
    assert invoice.number
    assert invoice.hosted_invoice_url.startswith("http")
    assert invoice.due_date > invoice.created


def test_a_finalized_invoice_is_not_finalized_again(platform, v1):
    invoice = sent(platform, v1)

    with pytest.raises(stripe.InvalidRequestError):
        v1.invoices.finalize_invoice(invoice.id)


def test_an_open_invoice_is_paid_with_the_card_on_file(platform, v1):
    paid = v1.invoices.pay(sent(platform, v1).id)

    assert (paid.status, paid.amount_remaining) == ("paid", 0)


def test_an_invoice_may_be_paid_elsewhere(platform, v1):
    invoice = sent(platform, v1)

    assert v1.invoices.pay(invoice.id, {"paid_out_of_band": True}).status == "paid"


def test_an_open_invoice_may_be_voided(platform, v1):
    assert v1.invoices.void_invoice(sent(platform, v1).id).status == "void"


def test_a_paid_invoice_is_not_voided(platform, v1):
    invoice = v1.invoices.pay(sent(platform, v1).id)

    with pytest.raises(stripe.InvalidRequestError):
        v1.invoices.void_invoice(invoice.id)


def test_an_open_invoice_may_be_given_up(platform, v1):
    assert v1.invoices.mark_uncollectible(sent(platform, v1).id).status == "uncollectible"


def test_a_preview_is_not_kept(platform, v1, subscribe):
    customer = platform.customer()
    subscription = subscribe(customer, platform.price())
    before = len(invoices(v1, subscription))

    preview = v1.invoices.create_preview({"subscription": subscription.id})

    assert preview.amount_due == 900
    assert len(invoices(v1, subscription)) == before


# test clocks


def test_a_clock_stands_still(v1, clock):
    assert (clock.status, clock.frozen_time) == ("ready", LAST_SECOND)


def test_a_clock_goes_forward_only(v1, clock):
    with pytest.raises(stripe.InvalidRequestError):
        v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": LAST_SECOND - 1})


def test_a_moved_clock_is_advancing_at_first(platform, v1, clock):
    moved = v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": LAST_SECOND + DAY})

    assert moved.status == "advancing"
    ready = platform.eventually(
        lambda: [c for c in [v1.test_helpers.test_clocks.retrieve(clock.id)] if c.status == "ready"]
    )[0]
    assert ready.frozen_time == LAST_SECOND + DAY


def test_a_clock_goes_two_intervals_at_most(platform, v1, clock, ben, subscribe):
    subscribe(ben, platform.price())

    with pytest.raises(stripe.InvalidRequestError):
        v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": LAST_SECOND + 70 * DAY})


def test_a_clock_has_room_for_three_customers(v1, clock):
    for _ in range(3):
        v1.customers.create({"test_clock": clock.id})

    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.create({"test_clock": clock.id})


def test_a_deleted_clock_takes_its_customers_along(v1):
    clock = v1.test_helpers.test_clocks.create({"frozen_time": LAST_SECOND})
    customer = v1.customers.create({"test_clock": clock.id})

    v1.test_helpers.test_clocks.delete(clock.id)

    with pytest.raises(stripe.InvalidRequestError):
        v1.subscriptions.create({"customer": customer.id, "items": [{"price": "price_none"}]})


def test_a_subscription_begins_at_the_time_of_its_clock(platform, ben, subscribe):
    subscription = subscribe(ben, platform.price())

    assert (subscription.created, period(subscription)[0]) == (LAST_SECOND, LAST_SECOND)


def test_a_subscription_renews_when_its_clock_says_so(platform, v1, ben, subscribe, advance):
    subscription = subscribe(ben, platform.price())
    first = period(subscription)

    advance(32)

    renewed = v1.subscriptions.retrieve(subscription.id)
    assert period(renewed)[0] == first[1]
    newest = invoices(v1, subscription)[0]
    assert (newest.billing_reason, newest.status) == ("subscription_cycle", "paid")


def test_what_ends_with_its_period_is_not_renewed(platform, v1, ben, subscribe, advance):
    subscription = subscribe(ben, platform.price())
    v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    advance(32)

    assert v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert len(invoices(v1, subscription)) == 1


def test_a_trial_becomes_paid_when_it_is_over(platform, v1, ben, subscribe, advance):
    subscription = subscribe(ben, platform.price(), trial_period_days=7)

    advance(8)

    assert v1.subscriptions.retrieve(subscription.id).status == "active"
    assert invoices(v1, subscription)[0].amount_paid == 900


def test_a_renewal_that_is_not_paid_is_past_due(platform, v1, ben, subscribe, advance):
    subscription = subscribe(ben, platform.price())
    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": ben.id})
    v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})

    advance(32)

    assert v1.subscriptions.retrieve(subscription.id).status == "past_due"
    assert invoices(v1, subscription)[0].status == "open"


def test_paying_what_is_past_due_makes_it_active_again(platform, v1, ben, subscribe, advance):
    subscription = subscribe(ben, platform.price())
    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": ben.id})
    v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})
    advance(32)
    good = v1.payment_methods.attach("pm_card_visa", {"customer": ben.id})

    v1.invoices.pay(invoices(v1, subscription)[0].id, {"payment_method": good.id})

    assert v1.subscriptions.retrieve(subscription.id).status == "active"


@pytest.mark.emulator_only
def test_the_world_s_clock_leaves_those_on_a_test_clock(platform, v1, ben, subscribe):
    subscription = subscribe(ben, platform.price(interval="week"))

    platform.advance(days=20)

    assert period(v1.subscriptions.retrieve(subscription.id)) == period(subscription)


@pytest.mark.emulator_only
def test_without_a_test_clock_the_world_s_clock_renews(platform, v1, subscribe):
    subscription = subscribe(platform.customer(), platform.price())

    platform.advance(days=32)

    assert period(v1.subscriptions.retrieve(subscription.id))[0] == period(subscription)[1]


@pytest.mark.emulator_only
def test_webhooks_of_a_test_clock_arrive_at_once(platform, v1, ben, subscribe, advance):
    platform.listen()
    subscribe(ben, platform.price())
    advance(32)

    assert "v1.test_helpers.test_clock.ready" in platform.arrived()
    assert platform.arrived().count("v1.invoice.paid") == 2
