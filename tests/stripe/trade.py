"""Ben buys of Ada: a real order, a real page at the local Stripe, a real share; nothing of sessions in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from integrations.stripe.client import client
from integrations.stripe.operations import repeat_unknown
from payments.domain.checkout import open_checkout
from payments.domain.orders import NewLine, open_order
from payments.domain.refunds import refund_percent
from payments.models import OrderLine
from payouts.domain.ledger import post
from payouts.domain.payees import payee_of, start_onboarding
from payouts.domain.releases import release_due
from payouts.domain.shares import schedule_release
from payouts.models import Payee, Share
from payouts.rules import AccountKey, AccountKind

URLS = {"success_url": "http://testserver/paid", "cancel_url": "http://testserver/"}
LINKS = {"return_url": "http://testserver/back", "refresh_url": "http://testserver/again"}
EVERY_TRY = 3
"""The SDK asks three times before it gives up."""


class Trade:
    """``now`` is when everything happens until ``go_to`` another instant."""

    def __init__(self, stripe, now: datetime) -> None:
        self.stripe, self.now = stripe, now
        self.ada = User.objects.create_user("ada@demo.test", name="Ada")
        self.ben = User.objects.create_user("ben@demo.test", name="Ben")
        self.payee = payee_of(self.ada, now=now)

    def onboard(self) -> Payee:
        """Give Ada an account that may be paid."""
        start_onboarding(self.payee, **LINKS, now=self.now)
        self.payee.refresh_from_db()
        self.stripe.onboard(self.payee.account)
        self.stripe.work()
        self.payee.refresh_from_db()
        return self.payee

    def go_to(self, now: datetime) -> None:
        """Let it be ``now`` here and at Stripe; what is due there happens, what is due here does not yet."""
        self.now = now
        self.stripe.set_clock(now)
        self.stripe.control("POST", "clock")

    def go_on(self, **after) -> None:
        self.go_to(self.now + timedelta(**after))

    def order(self, amount=12_000):
        subject = f"booking:{uuid4()}"
        line = NewLine("session", subject, amount, self.payee.pk, 2000)
        return open_order(buyer=self.ben, subject=subject, lines=[line], use_balance=True, now=self.now)

    def page(self, order):
        return open_checkout(order.pk, title="An hour with Ada", now=self.now, **URLS)

    def sell(self, amount=12_000, card="4242424242424242") -> OrderLine:
        """A line that was paid for."""
        order = self.order(amount)
        self.stripe.pay(self.page(order), card)
        self.stripe.work()
        return order.lines.get()

    def make_due(self, *lines) -> None:
        for line in lines:
            schedule_release(line.share_source, self.now, now=self.now)

    def plan_releases(self) -> int:
        """What the job does; nothing is sent yet."""
        return release_due(self.now)

    def release(self) -> None:
        """What jobs and workers do with what is due, to the end."""
        while release_due(self.now) + repeat_unknown(self.now):
            """Until nothing is due."""

    def sell_and_release(self, amount=12_000) -> OrderLine:
        line = self.sell(amount)
        self.make_due(line)
        self.release()
        return line

    def refund(self, line, percent):
        return refund_percent(line.pk, percent, reason="asked for", by=None, now=self.now)

    def disputed(self, line, **more) -> str:
        """Ben goes to his bank about what he paid; Stripe's id of the dispute."""
        charge = line.order.checkouts.get().charge
        return self.stripe.control("POST", "disputes", charge=charge, **more)["id"]

    def share(self, line) -> Share:
        return Share.objects.get(source=line.share_source)

    def lose(self, match, kind="timeout_after") -> None:
        """Every try of the next such request meets this fault."""
        self.stripe.fault(kind, match, times=EVERY_TRY)

    def transfers(self) -> list[int]:
        """Amounts of the transfers at Stripe, oldest first."""
        return [found["amount"] for found in reversed(self.stripe.objects("transfer"))]


def deposit(amount, *, now):
    """Money of the platform's own, available at once, and booked."""
    intent = client().v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "payment_method": "pm_card_bypassPending",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "expand": ["latest_charge.balance_transaction"],
        }
    )
    net = intent.latest_charge.balance_transaction.net
    legs = {AccountKey(AccountKind.STRIPE_PLATFORM): net, AccountKey(AccountKind.PLATFORM_REVENUE): -net}
    post("deposit", intent.id, legs, currency="usd", now=now)


@pytest.fixture
def trade(stripe, now):
    """Ada, who can be paid, and Ben, who can pay."""
    trade = Trade(stripe, now)
    trade.onboard()
    return trade
