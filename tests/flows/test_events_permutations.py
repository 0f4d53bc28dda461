"""Whatever order Stripe's events come in, twice or never: the rows and the ledger end the same.

Stripe's side happens once, in a first run whose events are kept back. Then our side starts again from before
the payment, as after a restored backup, and is told the same events in another order. The seller does what he
always does: once an order is paid he refunds it. Stripe answers a key it knows as it did the first time.
"""

from __future__ import annotations

import itertools
import json
import random
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from integrations.stripe import operations
from integrations.stripe.inbox import handle_due
from integrations.stripe.models import StripeEvent, StripeOperation
from payments.domain.checkout import open_checkout
from payments.domain.orders import NewLine, open_order
from payments.domain.refunds import refund_percent
from payments.models import CheckoutSession, Order, OrderLine, Refund
from payouts.domain.payees import payee_of
from payouts.models import Posting, Share
from payouts.queries.invariants import check
from tests.stripe.fixtures import into_our_view

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

URLS = {"success_url": "http://testserver/paid", "cancel_url": "http://testserver/"}
CARDS = {"succeeds": "4000000000007726", "fails": "4000000000005126"}
RAN_OUT, PAID, AN_HOUR_LATER, ALL_IN_THE_PAST = (timedelta(minutes=m) for m in (41, 42, 105, 240))


class Story:
    """Ben's first page ran out, he paid on the second, and the seller refunds whatever is paid."""

    def __init__(self, stripe, order, now) -> None:
        self.stripe, self.order, self.now = stripe, order, now
        self.deliveries: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.expected: dict[str, list[Any]] = {}

    def keep_back(self, _url, body, headers) -> int:
        kind = json.loads(body)["type"].removeprefix("v1.")
        self.deliveries.setdefault(kind, (body, headers))
        return 200

    def tell(self, kinds) -> None:
        for kind in kinds:
            assert into_our_view("/stripe/webhooks/", *self.deliveries[kind]) == 200
            self.react(self.now + AN_HOUR_LATER)

    def react(self, now) -> None:
        handle_due(now)
        if Order.objects.get(pk=self.order.pk).is_paid:
            refund_percent(self.order.lines.get().pk, 100, reason="cancelled", by=None, now=now)
        operations.repeat_unknown(now)

    def end(self) -> None:
        """Time passes and every job runs: what was lost is asked for."""
        for hours in (0, 1):
            later = self.now + ALL_IN_THE_PAST + timedelta(hours=hours)
            self.stripe.work(later)
            self.react(later)
        self.stripe.set_clock(self.now + AN_HOUR_LATER)


@pytest.fixture
def order(db, now):
    ada, ben = (User.objects.create_user(f"{name}@demo.test") for name in ("ada", "ben"))
    line = NewLine("session", "booking:1", 12000, payee_of(ada, now=now).pk, 2000)
    return open_order(buyer=ben, subject="booking:1", lines=[line], use_balance=True, now=now)


@pytest.fixture(params=["succeeds", "fails"])
def story(request, stripe, order, now):
    """Everything has happened at Stripe; here, only the second page is open."""
    story = Story(stripe, order, now)
    stripe.emulator.deliveries.sender = story.keep_back
    open_checkout(order.pk, title="A session", now=now, **URLS)
    stripe.set_clock(now + RAN_OUT)
    page = open_checkout(order.pk, title="A session", now=now + RAN_OUT, **URLS)
    stripe.set_clock(now + PAID)
    stripe.pay(page, CARDS[request.param])
    with from_here():
        stripe.deliver()
        story.tell(["checkout.session.completed"])
        stripe.set_clock(now + AN_HOUR_LATER)
        stripe.deliver()
        story.tell(list(story.deliveries))
        story.end()
        story.expected = books()
    return story


@contextmanager
def from_here():
    """What happens inside leaves our database as it was, the counters of its keys included.

    A block that Django takes for a test's own: verbs inside may still refuse to run in a transaction.
    """
    counters = _counters()
    block = transaction.atomic()
    vars(block)["_from_testcase"] = True
    with block:
        yield
        transaction.set_rollback(True)
    for name, last in counters.items():
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])


def _counters() -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value FROM pg_sequences"
        )
        return dict(cursor.fetchall())


def books() -> dict[str, list[Any]]:
    """Every row that money depends on, without the instants."""
    tables: dict[str, tuple[Any, str]] = {
        "orders": (Order, "state card refunded goodwill"),
        "lines": (OrderLine, "paid refunded refunded_percent goodwill share fee"),
        "sessions": (CheckoutSession, "attempt state stripe_id charge fee surplus"),
        "refunds": (Refund, "state card balance stripe_id operation__state"),
        "shares": (Share, "state amount released reversed debt"),
        "operations": (StripeOperation, "key state stripe_id"),
        "ledger": (Posting, "entry__kind entry__source account__kind account__owner amount"),
    }
    rows = {
        name: sorted(model.objects.values_list(*columns.split())) for name, (model, columns) in tables.items()
    }
    return rows | {"differences": check()}


def test_every_order_of_the_events_ends_in_the_same_books(story):
    assert story.expected["differences"] == []
    orders = list(itertools.permutations(story.deliveries))
    assert len(orders) >= 24
    for kinds in orders:
        with from_here():
            story.tell(kinds)
            story.end()
            assert books() == story.expected, kinds
            assert not StripeEvent.objects.unhandled().exists()


def test_duplicates_and_losses_end_in_the_same_books(story):
    for seed in range(20):
        chance = random.Random(seed)  # noqa: S311  (a seed to repeat a failure by)
        kinds = [kind for kind in story.deliveries for _ in range(chance.choice([0, 1, 3]))]
        chance.shuffle(kinds)
        with from_here():
            story.tell(kinds)
            story.end()
            assert books() == story.expected, (seed, kinds)


def test_the_events_are_the_ones_we_think_of(story):
    outcome = story.expected["refunds"][0][0]
    always = {"checkout.session.completed", "checkout.session.expired", "refund.created", "refund.updated"}
    assert set(story.deliveries) == always | ({"refund.failed"} if outcome == "failed" else set())
    assert story.stripe.objects("refund")[0]["status"] == outcome
