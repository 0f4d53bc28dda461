"""A platform at Stripe: the emulator in this process, or a sandbox of the real one with ``STRIPE_TEST_KEY``.

The tests speak to it through the SDK only. What needs a clock that can be moved, a person in front of a
hosted page or a receiver of webhooks is marked ``emulator_only`` and left out at Stripe.
"""

from __future__ import annotations

import itertools
import json
import os
import time
import uuid
from datetime import timedelta

import pytest
import stripe

from stripe_emulator import Emulator, Settings
from stripe_emulator.transport import InProcessClient

KEY = os.environ.get("STRIPE_TEST_KEY", "")
ACCOUNT = os.environ.get("STRIPE_TEST_ACCOUNT", "")
START = "2026-11-24T09:00:00Z"  # a Tuesday
PATIENCE, PAUSE = 30, 1
AT_ONCE = "pm_card_bypassPending"
CARD_ONLY = {"enabled": True, "allow_redirects": "never"}
RECIPIENT = {
    "contact_email": "ada@demo.test",
    "dashboard": "express",
    "identity": {"country": "us"},
    "configuration": {
        "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
    },
    "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
}


def pytest_configure():
    if KEY and not KEY.startswith(("sk_test_", "rk_test_")):
        pytest.exit("STRIPE_TEST_KEY is no test key: the suite moves money.", returncode=2)


def pytest_collection_modifyitems(items):
    for item in items if KEY else ():
        if item.get_closest_marker("emulator_only"):
            item.add_marker(pytest.mark.skip(reason="only an emulator can do this"))


class Platform:
    """What the tests do again and again."""

    def __init__(self, client):
        self.stripe = client
        self.v1, self.v2 = client.v1, client.v2
        self._run, self._numbers = uuid.uuid4().hex[:10], itertools.count(1)

    def unique(self, text):
        """A name nobody has used, in this run or another."""
        return f"{text}-{self._run}-{next(self._numbers)}"

    def intent(self, amount=12000, card=AT_ONCE, **more):
        given = {"amount": amount, "currency": "usd", "payment_method": card, "confirm": True}
        given |= {"automatic_payment_methods": CARD_ONLY, "expand": ["latest_charge.balance_transaction"]}
        return self.v1.payment_intents.create(given | more)

    def charge(self, amount=12000, card=AT_ONCE, **more):
        return self.intent(amount, card, **more).latest_charge

    def transfer(self, charge, account, amount, **more):
        given = {"amount": amount, "currency": "usd", "destination": account, "source_transaction": charge.id}
        return self.v1.transfers.create(given | more)

    def session(self, amount=12000, **more):
        data = {"currency": "usd", "unit_amount": amount, "product_data": {"name": "A session"}}
        given = {"mode": "payment", "line_items": [{"price_data": data, "quantity": 1}]}
        given |= {"success_url": "https://shop.test/done?session={CHECKOUT_SESSION_ID}"}
        return self.v1.checkout.sessions.create(given | {"cancel_url": "https://shop.test/back"} | more)

    def dispute(self, card="pm_card_createDispute", amount=12000):
        """The first dispute of a charge with that card, once it is there."""
        charge = self.charge(amount, card)
        return self.eventually(lambda: self.v1.disputes.list({"charge": charge.id}).data)[0]

    def price(self, amount=900, interval="month", **more):
        given = {"currency": "usd", "unit_amount": amount, "product_data": {"name": "Membership"}}
        given |= {"recurring": {"interval": interval}} if interval else {}
        return self.v1.prices.create(given | more)

    def customer(self, card="pm_card_visa", **more):
        """With a card he pays his invoices with."""
        customer = self.v1.customers.create(more)
        method = self.v1.payment_methods.attach(card, {"customer": customer.id})
        settings = {"invoice_settings": {"default_payment_method": method.id}}
        return self.v1.customers.update(customer.id, settings)

    def balance(self, account=None, currency="usd"):
        """``(available, pending)``."""
        found = self.v1.balance.retrieve(None, of(account))
        return tuple(
            next((entry.amount for entry in side if entry.currency == currency), 0)
            for side in (found.available, found.pending)
        )

    def eventually(self, read):
        """What `read` gives as soon as it gives something."""
        for _ in range(PATIENCE):
            found = read()
            if found:
                return found
            time.sleep(PAUSE)
        raise AssertionError("it never came")

    def recipient(self):
        """An onboarded account. At Stripe nobody can onboard by API: it is one onboarded by hand before."""
        if not ACCOUNT:
            pytest.skip("STRIPE_TEST_ACCOUNT names no onboarded recipient")
        return ACCOUNT


class Emulated(Platform):
    """The same, with the emulator's controls."""

    def __init__(self, **settings):
        self.received = []
        self.answer = 200
        self.emulator = Emulator(
            Settings(**{"seed": "conformance", "check": True} | settings), sender=self._receive
        )
        self.control("clock", now=START)
        super().__init__(stripe.StripeClient("sk_test_x", http_client=InProcessClient(self.emulator)))

    def _receive(self, _url, body, headers):
        self.received.append((json.loads(body), body, headers))
        return self.answer

    def control(self, path, method="POST", **given):
        response = self.emulator.control(method, path, **given)
        assert response.status == 200, response.body
        return response.json()

    def recipient(self):
        account = self.v2.core.accounts.create(RECIPIENT).id
        self.control(f"accounts/{account}/onboard", outcome="complete")
        return account

    def now(self):
        return int(self.emulator.now().timestamp())

    def advance(self, **by):
        return self.control("clock", advance=timedelta(**by).total_seconds())

    def go_to(self, instant):
        return self.control("clock", now=instant)

    def listen(self, payload="thin"):
        self.emulator.add_destination("https://shop.test/hook", "whsec_conformance", payload)

    def arrived(self):
        """Types of what the receiver got, in order."""
        self.emulator.deliver_pending()
        return [body["type"] for body, _, _ in self.received]

    def close(self):
        assert self.emulator.world.complaints == []
        self.emulator.close()


def of(account):
    """Options of a request in the name of an account."""
    return {"stripe_account": account} if account else None


@pytest.fixture
def make_platform():
    """Makes emulators with other settings than the usual ones."""
    made = []

    def make(**settings):
        made.append(Emulated(**settings))
        return made[-1]

    yield make
    for platform in made:
        platform.close()


@pytest.fixture
def platform(make_platform):
    if KEY:
        return Platform(stripe.StripeClient(KEY, max_network_retries=2))
    return make_platform()


@pytest.fixture
def v1(platform):
    return platform.v1


@pytest.fixture
def v2(platform):
    return platform.v2
