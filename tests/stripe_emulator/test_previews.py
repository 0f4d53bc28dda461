from __future__ import annotations

import pytest
import stripe


def test_a_preview_shows_what_would_be_and_leaves_no_trace(shop):
    made = shop.subscribe()
    shop.set_clock("2026-12-09T09:00:00Z")
    before = (shop.events(), shop.control("GET", "objects"))

    def preview(**given):
        return shop.stripe.v1.invoices.create_preview({"subscription": made.id, **given})

    def with_items(**item):
        return {"items": [{"id": made["items"].data[0].id, **item}]}

    plain = preview()
    more = preview(subscription_details=with_items(quantity=2))
    at_once = preview(subscription_details=with_items(quantity=2) | {"proration_behavior": "always_invoice"})
    given_up = preview(subscription_details={"cancel_now": True})

    assert (plain.status, plain.total, plain.period_end) == (
        "draft",
        3000,
        made["items"].data[0].current_period_end,
    )
    assert plain.id.startswith("upcoming_in_")
    assert (more.total, at_once.total, given_up.total) == (6000 + 1500, 1500, -1500)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        preview(subscription_details={"cancel_at_period_end": True})
    assert refusal.value.code == "invoice_upcoming_none"
    assert (shop.events(), shop.control("GET", "objects")) == before
    shop.set_clock("2026-12-24T10:00:00Z")
    assert shop.latest_invoice(made).total == plain.total


def test_the_preview_of_a_change_is_what_the_change_bills(shop):
    made, yearly = shop.subscribe(), shop.price(30000, "year")
    shop.set_clock("2026-12-11T17:23:45Z")
    change = {
        "items": [{"id": made["items"].data[0].id, "price": yearly.id}],
        "proration_date": shop.now() - 60,
    }

    shown = shop.stripe.v1.invoices.create_preview({"subscription": made.id, "subscription_details": change})
    shop.stripe.v1.subscriptions.update(made.id, change)

    assert shop.latest_invoice(made).total == shown.total
    assert [line.amount for line in shop.latest_invoice(made).lines.data] == [
        line.amount for line in shown.lines.data
    ]


def test_a_beginning_and_what_waits_can_be_previewed_too(shop):
    ben, price = shop.customer(), shop.price()
    half = shop.stripe.v1.coupons.create({"percent_off": 50})

    begun = shop.stripe.v1.invoices.create_preview(
        {
            "customer": ben.id,
            "subscription_details": {"items": [{"price": price.id, "quantity": 2}]},
            "discounts": [{"coupon": half.id}],
        }
    )
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.invoices.create_preview({"customer": ben.id})
    extra = {"amount": 700, "currency": "usd"}
    waiting = shop.stripe.v1.invoices.create_preview({"customer": ben.id, "invoice_items": [extra]})

    assert (begun.total, begun.billing_reason, waiting.total) == (3000, "subscription_create", 700)
    assert shop.stripe.v1.subscriptions.list().data == []
    assert shop.stripe.v1.coupons.retrieve(half.id).times_redeemed == 0
