"""Whatever happens to subscriptions, in whatever order: no cent comes from nowhere or is lost."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripe_emulator import Emulator, Settings
from stripe_emulator.transport import InProcessClient

from .conftest import START, Shop

CARDS = ("pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired")
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 45 * 24)),
    st.tuples(st.just("quantity"), st.integers(0, 5)),
    st.tuples(st.just("price"), st.sampled_from(["free", "small", "large", "yearly"])),
    st.tuples(st.just("card"), st.sampled_from(CARDS)),
    st.tuples(st.just("bill"), st.sampled_from(["always_invoice", "none", "create_prorations"])),
    st.tuples(st.just("end"), st.booleans()),
    st.tuples(st.just("item"), st.integers(-4000, 4000)),
    st.tuples(st.just("pay"), st.sampled_from(CARDS)),
    st.tuples(st.just("void"), st.none()),
    st.tuples(st.just("discount"), st.sampled_from(["once", "forever"])),
    st.tuples(st.just("pause"), st.sampled_from(["void", "keep_as_draft", "mark_uncollectible", ""])),
    st.tuples(st.just("cancel"), st.booleans()),
)


class History:
    """One customer with one subscription, and what is done to them."""

    def __init__(self, shop):
        self.shop, self.api = shop, shop.stripe.v1
        self.customer = shop.customer()
        self.prices = {
            "free": shop.price(0).id,
            "small": shop.price(1999).id,
            "large": shop.price(7777).id,
            "yearly": shop.price(20001, "year").id,
        }
        self.coupons = {
            duration: self.api.coupons.create({"percent_off": 33, "duration": duration}).id
            for duration in ("once", "forever")
        }
        self.subscription = self.api.subscriptions.create(
            {"customer": self.customer.id, "items": [{"price": self.prices["small"]}]}
        ).id
        self.behavior = "create_prorations"

    def do(self, name, value):
        """A refusal is an answer, too; anything else that goes wrong is not."""
        with contextlib.suppress(stripe.InvalidRequestError, stripe.CardError):
            getattr(self, name)(value)

    def update(self, **change):
        return self.api.subscriptions.update(self.subscription, change)

    def item_id(self):
        return self.api.subscriptions.retrieve(self.subscription)["items"].data[0].id

    def wait(self, hours):
        self.shop.advance(hours=hours)

    def quantity(self, quantity):
        self.update(items=[{"id": self.item_id(), "quantity": quantity}], proration_behavior=self.behavior)

    def price(self, name):
        change = {"id": self.item_id(), "price": self.prices[name]}
        self.update(items=[change], proration_behavior=self.behavior)

    def card(self, name):
        saved = self.api.payment_methods.attach(name, {"customer": self.customer.id})
        self.api.customers.update(
            self.customer.id, {"invoice_settings": {"default_payment_method": saved.id}}
        )

    def bill(self, behavior):
        self.behavior = behavior

    def end(self, wanted):
        self.update(cancel_at_period_end=wanted)

    def item(self, amount):
        self.api.invoice_items.create({"customer": self.customer.id, "amount": amount, "currency": "usd"})

    def newest(self):
        return self.api.invoices.list({"limit": 1}).data[0].id

    def pay(self, card):
        self.api.invoices.pay(self.newest(), {"payment_method": card})

    def void(self, _):
        self.api.invoices.void_invoice(self.newest())

    def discount(self, duration):
        self.update(discounts=[{"coupon": self.coupons[duration]}])

    def pause(self, behavior):
        self.update(pause_collection={"behavior": behavior} if behavior else "")

    def cancel(self, prorate):
        self.api.subscriptions.cancel(self.subscription, {"prorate": prorate, "invoice_now": prorate})

    # what must hold

    def invoices(self):
        return list(self.api.invoices.list({"limit": 100}).auto_paging_iter())

    def check(self):
        invoices = self.invoices()
        for invoice in invoices:
            off = sum(taken.amount for taken in invoice.total_discount_amounts)
            assert invoice.total == invoice.subtotal - off
            assert invoice.amount_due == invoice.amount_paid + invoice.amount_remaining
            assert off >= 0 <= invoice.amount_due
        counted = [invoice for invoice in invoices if invoice.status not in ("draft", "void")]
        balance = self.api.customers.retrieve(self.customer.id).balance
        assert balance == sum(invoice.total - invoice.amount_due for invoice in counted)
        charged = sum(
            charge.amount
            for charge in self.api.charges.list({"limit": 100}).auto_paging_iter()
            if charge.paid
        )
        assert charged == sum(invoice.amount_paid for invoice in invoices)
        booked = [
            entry.net for entry in self.api.balance_transactions.list({"limit": 100}).auto_paging_iter()
        ]
        assert sum(booked) == sum(self.shop.totals())
        self.check_subscription(invoices)

    def check_subscription(self, invoices):
        shown = self.api.subscriptions.retrieve(self.subscription)
        newest = next(invoice for invoice in invoices if invoice.parent and invoice.status != "draft")
        item = shown["items"].data[0]
        if shown.status == "active":
            assert item.current_period_start <= self.shop.now() < item.current_period_end
            assert newest.status != "open" or not newest.attempted
        if shown.status == "past_due":
            assert newest.status == "open"
        if shown.status == "canceled":
            assert shown.ended_at is not None


def new_shop(folder):
    clock = Path(folder) / "clock.json"
    clock.write_text(json.dumps({"frozen_at": START}))
    emulator = Emulator(Settings(seed="history", check=True), clock=clock, sender=lambda *_: 200)
    client = stripe.StripeClient("sk_test_shop", http_client=InProcessClient(emulator))
    return Shop(emulator, client, clock, None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=3, max_size=12))
def test_any_history_of_a_subscription_adds_up(steps):
    with tempfile.TemporaryDirectory() as folder:
        shop = new_shop(folder)
        history = History(shop)
        for name, value in steps:
            history.do(name, value)
        history.wait(2)
        history.check()
        shop.advance(days=70)
        history.check()
        assert shop.emulator.world.complaints == []
