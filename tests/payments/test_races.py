"""A dispute, a refund, a release, what they ask of Stripe, and everything that reads there: all at once."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from core import outbox, periodic
from integrations.stripe import inbox, operations
from payments.domain.disputes import sync_dispute
from payments.domain.refunds import refund_percent
from payments.models import Dispute, Order, OrderLine
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.payees import sync_account
from payouts.domain.payouts import sync_payouts
from payouts.domain.releases import release_due
from payouts.domain.shares import freeze, schedule_release, unfreeze
from payouts.models import Share
from payouts.queries.invariants import check
from tests.payouts.conftest import Books, ready
from tests.payouts.local_stripe import LocalStripe
from tests.payouts.test_races import together

pytestmark = [pytest.mark.backend, pytest.mark.django_db(transaction=True)]
AT_ONCE = "4000000000000077"


@pytest.fixture
def local(stripe, payee):
    """Ada has a real account."""
    local = LocalStripe(stripe)
    ready(payee, local.ready_account())
    return local


@pytest.fixture
def mishaps(monkeypatch):
    """What went wrong behind jobs and events, which say so and go on."""
    found = []

    class Log:
        def note(self, *_args, **_said):
            found.append(sys.exc_info()[1])

        exception = warning = note

    for module in (periodic, inbox):
        monkeypatch.setattr(module, "log", Log())
    return found


class Bustle:
    """One order of Ben's, and everybody who has to do with its money, at one moment."""

    def __init__(self, order, dispute, payee, now):
        self.line, self.dispute = OrderLine.objects.get(order=order), dispute
        self.payee, self.now = payee, now

    def all_at_once(self):
        together(
            lambda: sync_dispute(self.dispute, now=self.now),
            lambda: refund_percent(self.line.pk, 50, reason="asked", by=None, now=self.now),
            lambda: release_due(self.now),
            lambda: operations.repeat_unknown(self.now),
            lambda: inbox.handle_due(self.now),
            lambda: sync_payouts(self.now),
            lambda: sync_account(self.payee.account, now=self.now),
            self.report,
            lambda: [outbox.deliver(pk, now=self.now) for pk in outbox.due(self.now)],
        )

    def report(self):
        source, terms = self.line.share_source, {"by": None, "reason": "report", "now": self.now}
        freeze(source, cause="report:1", **terms)
        unfreeze(source, cause="report:1", **terms)


@pytest.mark.parametrize("outcome", ["won", "lost"])
@pytest.mark.parametrize("is_sent", [False, True], ids=["held", "sent"])
def test_everything_at_once_ends_right(
    stripe,
    local,
    payee,
    make_order,
    open_page,
    now,
    mishaps,
    is_sent,
    outcome,
):
    Books(payee, now, local).deposit(100_000)
    for number in range(2):
        order = make_order(subject=f"booking:{number}")
        stripe.pay(open_page(order), AT_ONCE)
        stripe.work()
        schedule_release(OrderLine.objects.get(order=order).share_source, now, now=now)
        if is_sent:
            stripe.work()
        charge = Order.objects.get(pk=order.pk).checkouts.get().charge
        dispute = stripe.control("POST", "disputes", charge=charge, reason="fraudulent")["id"]
        bustle = Bustle(order, dispute, payee, now)
        stripe.deliver()
        bustle.all_at_once()
        stripe.control("POST", f"disputes/{dispute}/close", outcome=outcome)
        stripe.deliver()
        bustle.all_at_once()

    stripe.work(now + timedelta(hours=2))
    stripe.work(now + timedelta(days=2))

    assert ([str(mishap) for mishap in mishaps], check(), compare_with_stripe()) == ([], [], [])
    assert set(Dispute.objects.values_list("state", flat=True)) == {outcome}
    kept = {Order.objects.get(pk=order.pk).kept for order in Order.objects.all()}
    assert kept == ({6000} if outcome == "won" else {0})
    assert not Share.objects.filter(state="frozen").exists()
