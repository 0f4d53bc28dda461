from __future__ import annotations

import pytest
import stripe

from .billing import at, lines, period


def test_another_quantity_is_prorated_on_the_next_invoice(shop):
    made = shop.subscribe()
    shop.set_clock("2026-12-09T09:00:00Z")  # half of the thirty days

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "quantity": 3}]}
    )

    assert changed["items"].data[0].quantity == 3
    assert period(changed) == period(made)
    assert [item.amount for item in shop.stripe.v1.invoice_items.list({"pending": True}).data] == [
        4500,
        -1500,
    ]
    shop.set_clock("2026-12-24T10:00:00Z")
    invoice = shop.latest_invoice(made)
    assert (invoice.total, invoice.status) == (9000 + 4500 - 1500, "paid")
    assert lines(invoice) == [
        ("3 × Membership", 9000),
        ("Unused time on 1 × Membership after 09 Dec 2026", -1500),
        ("Remaining time on 3 × Membership after 09 Dec 2026", 4500),
    ]
    assert shop.stripe.v1.invoice_items.list({"pending": True}).data == []


def test_prorations_may_be_billed_at_once_or_left_out(shop):
    made = shop.subscribe()
    shop.set_clock("2026-12-09T09:00:00Z")
    item = made["items"].data[0].id

    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
    )
    now = shop.latest_invoice(made)
    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": item, "quantity": 5}], "proration_behavior": "none"}
    )

    assert (now.status, now.billing_reason, now.total) == ("paid", "subscription_update", 1500)
    assert shop.stripe.v1.invoice_items.list({"pending": True}).data == []
    assert shop.latest_invoice(made).id == now.id


def test_a_change_back_gives_back_exactly_what_was_charged(shop):
    made = shop.subscribe(None, shop.price(3333))
    item = made["items"].data[0].id
    shop.advance(days=7, hours=5)

    for quantity in (4, 1):
        shop.stripe.v1.subscriptions.update(made.id, {"items": [{"id": item, "quantity": quantity}]})

    assert sum(entry.amount for entry in shop.stripe.v1.invoice_items.list().data) == 0


def test_a_yearly_price_begins_a_new_period_billed_at_once(shop):
    made = shop.subscribe()
    yearly = shop.price(30000, "year")
    shop.set_clock("2026-12-09T09:00:00Z")

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "price": yearly.id}]}
    )

    assert period(changed) == (shop.now(), at("2027-12-09T09:00"))
    invoice = shop.latest_invoice(made)
    assert (invoice.status, invoice.total) == ("paid", 30000 - 1500)
    assert changed.billing_cycle_anchor == shop.now()


def test_a_smaller_plan_leaves_a_credit_for_the_next_invoice(shop):
    customer = shop.customer()
    made = shop.subscribe(customer, shop.price(30000, "year"))
    shop.advance(hours=1)

    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "price": shop.price(1000).id}]}
    )

    invoice = shop.latest_invoice(made)
    assert (invoice.status, invoice.amount_due, invoice.total) == ("paid", 0, 1000 - 29997)
    assert shop.stripe.v1.customers.retrieve(customer.id).balance == 1000 - 29997
    shop.advance(days=32)
    renewed = shop.latest_invoice(made)
    assert (renewed.status, renewed.amount_due, renewed.starting_balance) == ("paid", 0, 1000 - 29997)
    assert shop.stripe.v1.customers.retrieve(customer.id).balance == 2000 - 29997


def test_items_are_added_and_taken_away_by_themselves(shop):
    made = shop.subscribe()
    items = shop.stripe.v1.subscription_items
    shop.set_clock("2026-12-09T09:00:00Z")

    seat = items.create({"subscription": made.id, "price": shop.price(1000).id, "quantity": 2})
    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list().data] == [1000]
    assert [item.id for item in items.list({"subscription": made.id}).data] == [
        made["items"].data[0].id,
        seat.id,
    ]
    assert items.update(seat.id, {"metadata": {"for": "Uma"}}).metadata["for"] == "Uma"
    items.delete(seat.id)

    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list().data] == [-1000, 1000]
    assert [item.id for item in shop.again(made)["items"].data] == [made["items"].data[0].id]
    with pytest.raises(stripe.InvalidRequestError, match="at least one item"):
        items.delete(made["items"].data[0].id)


def test_an_item_may_take_the_place_of_another_for_the_rest_of_the_period(shop):
    made, other = shop.subscribe(), shop.price(6000)
    shop.set_clock("2026-12-09T09:00:00Z")

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "deleted": True}, {"price": other.id}]}
    )

    assert period(changed) == period(made)
    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list().data] == [3000, -1500]


def test_the_end_moves_with_the_period(shop):
    made = shop.subscribe(cancel_at_period_end=True)
    assert made.cancel_at == period(made)[1]

    changed = shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "price": shop.price(30000, "year").id}]}
    )

    assert changed.cancel_at == period(changed)[1] == at("2027-11-24T09:00")
