from __future__ import annotations

import pytest
import stripe


@pytest.fixture
def plan(shop):
    """A product to have prices."""
    return shop.stripe.v1.products.create({"name": "Membership", "metadata": {"plan": "full"}})


def price(shop, plan, amount=2900, **more):
    given = {"product": plan.id, "currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}}
    return shop.stripe.v1.prices.create(given | more)


def ids(listed):
    return [entry.id for entry in listed.data]


def test_a_product_is_made_changed_archived_and_told_of(shop, plan):
    products = shop.stripe.v1.products

    changed = products.update(plan.id, {"description": "Everything", "metadata": {"plan": "", "tier": "1"}})
    archived = products.update(plan.id, {"active": False, "description": ""})

    assert (changed.name, changed.description, changed.metadata.to_dict()) == (
        "Membership",
        "Everything",
        {"tier": "1"},
    )
    assert (archived.active, archived.description) == (False, None)
    assert shop.events() == ["product.created", "product.updated", "product.updated"]
    last = shop.stripe.v1.events.list({"type": "product.updated"}).data[0].data
    assert last.previous_attributes["active"] is True


def test_a_product_may_come_with_its_price_and_keeps_its_own_identifier(shop):
    data = {"currency": "eur", "unit_amount": 500, "recurring": {"interval": "year"}}

    made = shop.stripe.v1.products.create({"id": "seat", "name": "Seat", "default_price_data": data})

    own = shop.stripe.v1.prices.retrieve(made.default_price)
    assert (made.id, own.product, own.recurring.interval, own.active) == ("seat", "seat", "year", True)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.products.create({"id": "seat", "name": "Seat"})
    assert refusal.value.code == "resource_already_exists"


def test_a_product_goes_only_without_prices_and_its_default_must_be_its_own(shop, plan):
    other = shop.stripe.v1.products.create({"name": "Other"})
    mine = price(shop, plan)

    with pytest.raises(stripe.InvalidRequestError, match="archive"):
        shop.stripe.v1.products.delete(plan.id)
    with pytest.raises(stripe.InvalidRequestError, match="another product"):
        shop.stripe.v1.products.update(other.id, {"default_price": mine.id})

    assert shop.stripe.v1.products.delete(other.id).deleted is True
    assert ids(shop.stripe.v1.products.list()) == [plan.id]
    assert shop.stripe.v1.products.update(plan.id, {"default_price": mine.id}).default_price == mine.id


def test_products_are_listed_by_activity_and_identifiers(shop, plan):
    old = shop.stripe.v1.products.create({"name": "Old", "active": False})

    listed = shop.stripe.v1.products.list

    assert ids(listed({"active": True})) == [plan.id]
    assert ids(listed({"active": False})) == [old.id]
    assert ids(listed({"ids": [old.id, plan.id]})) == [old.id, plan.id]


def test_a_price_says_how_much_and_how_often(shop, plan):
    monthly = price(shop, plan, recurring={"interval": "month", "interval_count": 3}, nickname="Quarterly")
    once = shop.stripe.v1.prices.create({"product": plan.id, "currency": "usd", "unit_amount": 900})

    assert (monthly.type, monthly.unit_amount, str(monthly.unit_amount_decimal)) == (
        "recurring",
        2900,
        "2900",
    )
    assert (monthly.recurring.interval, monthly.recurring.interval_count) == ("month", 3)
    assert (monthly.recurring.usage_type, monthly.nickname) == ("licensed", "Quarterly")
    assert (once.type, once.recurring) == ("one_time", None)


def test_prices_are_listed_by_every_filter(shop, plan):
    other = shop.stripe.v1.products.create({"name": "Other"})
    monthly = price(shop, plan, lookup_key="monthly")
    yearly = price(shop, plan, recurring={"interval": "year"}, lookup_key="yearly", currency="eur")
    once = shop.stripe.v1.prices.create({"product": other.id, "currency": "usd", "unit_amount": 900})
    listed = shop.stripe.v1.prices.list
    shop.stripe.v1.prices.update(once.id, {"active": False})

    assert ids(listed({"active": True})) == [yearly.id, monthly.id]
    assert ids(listed({"product": other.id})) == [once.id]
    assert ids(listed({"currency": "eur"})) == [yearly.id]
    assert ids(listed({"type": "one_time"})) == [once.id]
    assert ids(listed({"lookup_keys": ["monthly", "yearly"]})) == [yearly.id, monthly.id]
    assert ids(listed({"lookup_keys": ["weekly"]})) == []
    assert ids(listed({"recurring": {"interval": "year"}})) == [yearly.id]
    with pytest.raises(stripe.InvalidRequestError, match="lookup keys"):
        listed({"lookup_keys": [str(number) for number in range(11)]})


def test_a_lookup_key_is_one_prices_and_moves_only_when_asked_to(shop, plan):
    old = price(shop, plan, lookup_key="monthly")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        price(shop, plan, 3900, lookup_key="monthly")
    new = price(shop, plan, 3900, lookup_key="monthly", transfer_lookup_key=True)

    assert refusal.value.param == "lookup_key"
    assert new.lookup_key == "monthly"
    assert shop.stripe.v1.prices.retrieve(old.id).lookup_key is None
    back = shop.stripe.v1.prices.update(old.id, {"lookup_key": "monthly", "transfer_lookup_key": True})
    assert (back.lookup_key, shop.stripe.v1.prices.retrieve(new.id).lookup_key) == ("monthly", None)
    assert shop.stripe.v1.prices.update(old.id, {"lookup_key": "monthly"}).lookup_key == "monthly"


def test_a_price_never_changes_its_amount_nor_its_tax_behavior_twice(shop, plan):
    mine = price(shop, plan)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.prices.update(mine.id, {"unit_amount": 1})
    assert refusal.value.code == "parameter_unknown"
    assert shop.stripe.v1.prices.update(mine.id, {"tax_behavior": "inclusive"}).tax_behavior == "inclusive"
    with pytest.raises(stripe.InvalidRequestError, match="tax_behavior"):
        shop.stripe.v1.prices.update(mine.id, {"tax_behavior": "exclusive"})


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"unit_amount": -1}, "unit_amount"),
        ({"currency": "xxx"}, "currency"),
        ({"recurring": {"interval": "month", "interval_count": 37}}, "recurring[interval_count]"),
        ({"product": "prod_none"}, "product"),
        ({"product_data": {"name": "Two"}}, "product"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(shop, plan, change, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        price(shop, plan, **change)

    assert refusal.value.param == param


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"billing_scheme": "tiered"}, "tiered prices"),
        ({"recurring": {"interval": "month", "usage_type": "metered"}}, "metered prices"),
        ({"custom_unit_amount": {"enabled": True}}, "custom_unit_amount"),
    ],
)
def test_a_kind_of_price_that_is_not_built_says_so(shop, plan, change, name):
    with pytest.raises(stripe.APIError, match=name) as refusal:
        price(shop, plan, **change)

    assert refusal.value.http_status == 501


def test_a_session_takes_saved_prices(shop, plan):
    once = shop.stripe.v1.prices.create({"product": plan.id, "currency": "usd", "unit_amount": 900})

    session = shop.session(line_items=[{"price": once.id, "quantity": 3}])

    assert session.amount_total == 2700
    items = shop.stripe.v1.checkout.sessions.line_items.list(session.id).data
    assert [item.description for item in items] == ["Membership"]
