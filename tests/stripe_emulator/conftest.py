"""A shop on an emulator: a platform, its clock, its inbox of webhooks, and the official SDK in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import stripe

from stripe_emulator import Emulator, Settings
from stripe_emulator.http import Request
from stripe_emulator.transport import InProcessClient

SECRET = "whsec_inbox"
KEY = {"Authorization": "Bearer sk_test_shop"}
START = "2026-11-24T09:00:00Z"  # a Tuesday


class Inbox:
    """Receives deliveries; answers what it is told to."""

    def __init__(self):
        self.received = []
        self.status = 200

    def __call__(self, url, body, headers):
        if isinstance(self.status, Exception):
            raise self.status
        self.received.append((url, body, headers))
        return self.status

    def types(self):
        return [json.loads(body)["type"] for _, body, _ in self.received]

    def notifications(self, client):
        return [
            client.parse_event_notification(body, headers["Stripe-Signature"], SECRET)
            for _, body, headers in self.received
        ]


@dataclass
class Shop:
    """What the tests do again and again, through the SDK and the controls."""

    emulator: Emulator
    stripe: stripe.StripeClient
    clock: Path
    inbox: Inbox

    def move_clock(self, instant):
        """Stop the clock at `instant`, and leave it to others to see that."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(json.dumps({"frozen_at": instant}))
        fresh.replace(self.clock)

    def set_clock(self, instant):
        """Stop the clock at `instant`, and let everything due by then happen."""
        self.move_clock(instant)
        return self.control("POST", "clock")["ran"]

    def advance(self, **by):
        now = self.emulator.now() + timedelta(**by)
        return self.set_clock(now.isoformat())

    def now(self):
        return int(self.emulator.now().timestamp())

    def control(self, method, path, **given):
        response = self.emulator.control(method, path, **given)
        assert response.status == 200, response.body
        return response.json()

    def refused(self, method, path, **given):
        """The status and the error of a control that says no."""
        response = self.emulator.control(method, path, **given)
        return response.status, response.json()["error"]

    def ask(self, method, target, body=b"", **headers):
        """A bare request with a test key; headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.emulator.handle(Request(method, target, KEY | named, body))

    def coach(self, outcome="complete"):
        """The id of a recipient, onboarded unless `outcome` is none."""
        account = self.stripe.v2.core.accounts.create(
            {
                "contact_email": "ada@demo.test",
                "dashboard": "express",
                "identity": {"country": "us"},
                "configuration": {
                    "recipient": {
                        "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}
                    }
                },
                "defaults": {
                    "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
                },
            }
        )
        if outcome:
            self.control("POST", f"accounts/{account.id}/onboard", outcome=outcome)
        return account.id

    def session(self, amount=12000, currency="usd", **more):
        item = {
            "price_data": {
                "currency": currency,
                "unit_amount": amount,
                "product_data": {"name": "A session"},
            },
            "quantity": 1,
        }
        return self.stripe.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [item],
                "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
                "cancel_url": "http://shop.test/back",
                **more,
            }
        )

    def pay(self, session, card="4242424242424242", **more):
        return self.control("POST", f"checkout/{session.id}/pay", card=card, **more)

    def charge(self, amount=12000, card="4242424242424242", **more):
        """A paid charge."""
        session = self.session(amount, **more)
        self.pay(session, card)
        paid = self.stripe.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        )
        return paid.payment_intent.latest_charge

    def transfer(self, charge, account, amount, **more):
        return self.stripe.v1.transfers.create(
            {
                "amount": amount,
                "currency": charge.currency,
                "destination": account,
                "source_transaction": charge.id,
                **more,
            }
        )

    # billing

    def customer(self, card="pm_card_visa", **more):
        """A customer with a saved card, or without any."""
        saved = {"payment_method": card, "invoice_settings": {"default_payment_method": card}} if card else {}
        return self.stripe.v1.customers.create({"email": "ben@demo.test", **saved, **more})

    def price(self, amount=3000, interval="month", **more):
        product = {"product_data": {"name": "Membership"}} if "product" not in more else {}
        recurring = {"recurring": {"interval": interval}} if interval else {}
        given = {"currency": "usd", "unit_amount": amount} | recurring | product | more
        return self.stripe.v1.prices.create(given)

    def subscribe(self, customer=None, price=None, **more):
        owner, price = customer or self.customer(), price or self.price()
        given = {"customer": owner.id, "items": [{"price": price.id}]}
        return self.stripe.v1.subscriptions.create(given | more)

    def again(self, subscription):
        """The subscription as it is now."""
        return self.stripe.v1.subscriptions.retrieve(subscription.id)

    def latest_invoice(self, subscription):
        return self.stripe.v1.invoices.retrieve(self.again(subscription).latest_invoice)

    @staticmethod
    def of(account):
        """Options of a request in the name of an account."""
        return {"stripe_account": account} if account else None

    def totals(self, account=None, currency="usd"):
        """``(available, pending)``."""
        balance = self.stripe.v1.balance.retrieve(None, self.of(account))
        return tuple(
            next((entry.amount for entry in side if entry.currency == currency), 0)
            for side in (balance.available, balance.pending)
        )

    def transactions(self, account=None, **filters):
        listed = self.stripe.v1.balance_transactions.list({"limit": 100, **filters}, self.of(account))
        return [(entry.type, entry.net) for entry in listed.data]

    def events(self, account=None):
        """Types, oldest first."""
        return [event.type for event in self.stripe.v1.events.list({"limit": 100}, self.of(account)).data][
            ::-1
        ]


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def make_shop(tmp_path, inbox):
    """Makes shops with other settings than the usual ones."""
    made = []

    def make(*, store=None, client=None, **settings):
        clock = tmp_path / "clock.json"
        if not clock.exists():
            clock.write_text(json.dumps({"frozen_at": START}))
        chosen = Settings(**{"seed": "shop", "check": True} | settings)
        emulator = Emulator(chosen, store=store, clock=clock, sender=inbox)
        made.append(emulator)
        options = {"http_client": InProcessClient(emulator)} | (client or {})
        return Shop(emulator, stripe.StripeClient("sk_test_shop", **options), clock, inbox)

    yield make
    for emulator in made:
        assert emulator.world.complaints == []
        emulator.close()


@pytest.fixture
def shop(make_shop):
    return make_shop()


@pytest.fixture
def hooked(shop):
    """A shop whose thin events go to the inbox."""
    shop.emulator.add_destination("http://shop.test/hook", SECRET)
    return shop
