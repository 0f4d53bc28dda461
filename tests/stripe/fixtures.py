"""Stripe for tests: the official SDK, an emulator in this process, and its signed webhooks into our own view.

Nothing happens behind a test's back: ``stripe.work()`` delivers and does what is due until nothing is.
"""

from __future__ import annotations

import http.client
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import stripe as sdk
from django.test import RequestFactory

from core import clock
from integrations.stripe import client as our_client
from integrations.stripe import emulation, ticking
from integrations.stripe.subscriptions import SOURCES, SUBSCRIBED
from integrations.stripe.views import webhook
from stripe_emulator.emulator import Emulator
from stripe_emulator.settings import Settings
from stripe_emulator.transport import InProcessClient

WEBHOOKS = "http://testserver/stripe/webhooks/"


class Stripe:
    """The emulator as a test uses it: a customer who pays, a bank, bad luck, and time."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._frozen: AbstractContextManager[None] | None = None

    def pay(self, checkout, card: str = "4242424242424242", **form):
        """What the buyer does on the page; answers Stripe's session, or its error."""
        return self.control("POST", f"checkout/{_id(checkout)}/pay", card=card, **form)

    def control(self, method: str, path: str, **given):
        """A control of api.md, with its status left out."""
        return self.emulator.control(method, path, **given).json()

    def fault(self, kind: str, match: str = "*", times: int = 1, **more) -> None:
        answer = self.emulator.control("POST", "faults", kind=kind, match=match, times=times, **more)
        assert answer.status == http.client.OK, answer.body

    def lift_faults(self) -> None:
        self.emulator.control("DELETE", "faults")

    def onboard(self, account: str, outcome: str = "complete") -> None:
        self.control("POST", f"accounts/{account}/onboard", outcome=outcome)

    def objects(self, kind: str):
        """Objects at Stripe, newest first."""
        return self.control("GET", f"objects/{kind}")["data"]

    def deliver(self) -> int:
        """Stripe's webhooks into our view; what they ask for is not done yet."""
        return self.emulator.deliver_pending()

    def set_clock(self, instant: datetime) -> None:
        """Time jumps for us and for Stripe, and stands still there."""
        self.release_clock()
        self._frozen = clock.frozen_at(instant)
        self._frozen.__enter__()

    def release_clock(self) -> None:
        if self._frozen is not None:
            self._frozen.__exit__(None, None, None)
        self._frozen = None

    def work(self, now: datetime | None = None) -> dict[str, int]:
        """Deliver and do everything due at ``now``, as ``manage.py tick`` does; what did something."""
        if now is not None:
            self.set_clock(now)
        return +ticking.run_until_quiet(clock.now())

    @property
    def available_and_pending(self) -> int:
        """The platform's whole balance at Stripe, in its settlement currency."""
        balance = our_client.client().v1.balance.retrieve()
        return sum(fund.amount for funds in (balance.available, balance.pending) for fund in funds)


def _id(checkout) -> str:
    return checkout if isinstance(checkout, str) else checkout.stripe_id


def into_our_view(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = RequestFactory().post(urlsplit(url).path, body, headers["Content-Type"], headers=headers)
    return webhook(request).status_code


@pytest.fixture
def now() -> datetime:
    """A Tuesday."""
    return datetime.fromisoformat("2026-11-24T12:00:00+00:00")


@pytest.fixture
def stripe(db, settings, tmp_path, monkeypatch, now):
    """A Stripe of this test's own: empty, its clock standing at ``now``, our destination registered."""
    settings.CLOCK_FILE = tmp_path / "clock.json"
    emulator = Emulator(
        Settings(seed="test", check=True), clock=Path(settings.CLOCK_FILE), sender=into_our_view
    )
    monkeypatch.setattr(our_client, "new_http_client", lambda: InProcessClient(emulator))
    # The SDK waits between its retries; nobody is served by that here.
    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(sdk.HTTPClient, "MAX_DELAY", 0)
    monkeypatch.setattr(ticking, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(
        emulation, "control", lambda path, **given: emulator.control("POST", path, **given).json()
    )
    our_client.client.cache_clear()
    stripe = Stripe(emulator)
    stripe.set_clock(now)
    settings.STRIPE_WEBHOOK_SECRET = _register(settings)
    yield stripe
    stripe.release_clock()
    our_client.client.cache_clear()
    emulator.close()
    assert emulator.world.complaints == []


def _register(settings):
    destination = our_client.client().v2.core.event_destinations.create(
        {
            "name": "Northstar",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": list(SUBSCRIBED),
            "events_from": list(SOURCES),
            "webhook_endpoint": {"url": WEBHOOKS},
            "include": ["webhook_endpoint.signing_secret"],
        }
    )
    assert destination.webhook_endpoint is not None
    return destination.webhook_endpoint.signing_secret
