"""Refund, release, payout, dispute, verdict in every order: the books hold at each step and end by the rules.

What the rules say is worked out by ``reference.py``, which knows neither rows nor ledger.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stripe.params import BalanceSettingsUpdateParams

from core import outbox
from integrations.stripe import inbox, operations
from integrations.stripe.client import client
from payments.domain.balances import balance_of, compensate
from payments.domain.refunds import refund_percent
from payments.models import Dispute, Order, OrderLine, Refund
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.payouts import sync_payouts
from payouts.domain.releases import release_due
from payouts.domain.shares import schedule_release
from payouts.models import Payout, Share
from payouts.queries.earnings import earnings
from payouts.queries.invariants import check
from payouts.queries.ledger import balances_by_kind
from tests.payments.reference import Story
from tests.payouts.conftest import Books, ready
from tests.payouts.local_stripe import LocalStripe
from tests.payouts.test_histories import undone

pytestmark = pytest.mark.django_db
AT_ONCE = "4000000000000077"
NUMBERS = count()
PRICE = 12000


class Trial:
    """One order, its bank, its coach's account; each step is what somebody does, and what follows."""

    def __init__(self, stripe, ben, payee, make_order, open_page, now, *, balance=0):
        self.stripe, self.ben, self.payee, self.now = stripe, ben, payee, now
        self.local = LocalStripe(stripe)
        ready(payee, self.local.ready_account())
        self.pay_out_daily()
        # Refunds and transfers never wait for money of the platform's own.
        Books(payee, now, self.local).deposit(1_000_000)
        if balance:
            compensate(ben, balance, currency="usd", source=f"for trial {next(NUMBERS)}", now=now)
        order = make_order(PRICE, subject=f"trial:{next(NUMBERS)}")
        stripe.pay(open_page(order), AT_ONCE)
        self.order = Order.objects.get(pk=order.pk)
        self.line = OrderLine.objects.get(order=order)
        self.follow()
        self.says = Story(card=PRICE - balance, balance=balance)
        self.charge = self.order.checkouts.get().charge
        self.disputes, self.disputed_at = [], now

    def follow(self):
        """Webhooks, calls and what is due, until nothing is."""
        while any(
            [
                self.stripe.deliver(),
                inbox.handle_due(self.now),
                sum(outbox.deliver(pk, now=self.now) for pk in outbox.due(self.now)),
                operations.repeat_unknown(self.now),
                release_due(self.now),
                sync_payouts(self.now),
            ]
        ):
            """Again."""

    def pay_out_daily(self):
        daily: BalanceSettingsUpdateParams = {"payments": {"payouts": {"schedule": {"interval": "daily"}}}}
        client().v1.balance_settings.update(daily, {"stripe_account": self.payee.account})

    # what people, banks and time do

    def refund(self, percent):
        refund_percent(self.line.pk, percent, reason="asked", by=None, now=self.now)
        self.says.refund(percent)

    def release(self):
        schedule_release(self.line.share_source, self.now, now=self.now)

    def release_and_pay_out(self):
        self.release()
        self.follow()
        self.wait()

    def dispute(self, percent):
        answer = self.stripe.control(
            "POST",
            "disputes",
            charge=self.charge,
            reason="fraudulent",
            amount=self.says.card * percent // 100,
        )
        self.disputes.append(answer["id"])
        self.disputed_at = self.disputed_at if self.says.is_disputed else self.now
        self.says.dispute(answer["amount"])

    def decide(self, outcome):
        waiting = [n for n, complaint in enumerate(self.says.complaints) if not complaint.outcome]
        if waiting:
            self.stripe.control("POST", f"disputes/{self.disputes[waiting[0]]}/close", outcome=outcome)
            self.says.decide(waiting[0], outcome)

    def fail_payout(self):
        if payout := Payout.objects.filter(state__in=["pending", "in_transit", "paid"]).first():
            self.local.fail_payout(payout.stripe_id)

    def wait(self):
        """A day: what lies on the coach's account goes to her bank. No bank runs out of patience."""
        if self.says.is_disputed and self.now > self.disputed_at + timedelta(days=5):
            return
        self.now += timedelta(hours=26)
        self.local.at(self.now)

    # what has to be true after each

    def holds(self):
        self.follow()
        assert check() == []
        assert compare_with_stripe() == []
        says, line, order = (
            self.says,
            OrderLine.objects.get(pk=self.line.pk),
            Order.objects.get(pk=self.order.pk),
        )
        assert (line.refunded, line.lost, line.share, line.fee) == (
            says.refunded,
            says.lost,
            says.share,
            says.fee,
        )
        assert (order.refunded, order.lost, order.kept) == (says.refunded, says.lost, says.kept)
        disputes, refunds = list(Dispute.objects.filter(order=order)), list(order.refunds.all())
        assert sum(dispute.suspended for dispute in disputes) == says.suspended
        assert sum(dispute.excess for dispute in disputes) == says.excess
        assert sum(refund.by_bank for refund in refunds) == says.by_bank
        assert sum(refund.to_send for refund in refunds if refund.awaits_verdict) == says.waits
        assert balance_of(self.ben, "usd").minor == says.given_balance
        booked = balances_by_kind("usd")
        assert booked.get("losses", 0) == says.excess
        assert booked["stripe_platform"] + says.waits == self.stripe.available_and_pending
        self.coach_has_what_she_earned()

    def coach_has_what_she_earned(self):
        share = Share.objects.get(source=self.line.share_source)
        has = earnings(self.payee)
        places = (has.held, has.frozen, has.available, has.in_transit, has.paid)
        assert sum(places) - has.debt == share.amount == self.says.share
        if self.says.is_disputed:
            assert has.held == 0
        at_stripe = share.released - share.reversed
        assert at_stripe <= self.says.share + share.debt

    def goes(self, steps):
        self.holds()
        for name, *given_ in steps:
            getattr(self, name)(*given_)
            self.holds()

    def ends(self):
        """The bank decides the rest for us, everybody answers: nobody has more or less than the rules say."""
        while self.says.is_disputed:
            self.decide("won")
            self.holds()
        self.release()
        for _ in range(2):
            self.wait()
            self.holds()
        assert self.says.waits == 0
        assert Refund.objects.awaiting_verdict().count() == 0
        assert Share.objects.get(source=self.line.share_source).state not in {"held", "frozen"}
        # The buyer has what was decided, once: from us, from his bank, or as a balance.
        bank = sum(one.amount for one in self.says.complaints if one.outcome == "lost")
        got = self.says.sent_back + self.says.given_balance + bank
        assert got == self.says.refunded + self.says.lost + self.says.excess


@pytest.fixture
def trial(stripe, ben, payee, make_order, open_page, now):
    """``trial(strict=True)``: a new one in a world in which nothing has happened."""
    stripe.emulator.snapshot("nothing has happened")

    def new(*, strict=False, **terms):
        stripe.set_clock(now)
        stripe.emulator.restore("nothing has happened")
        world = stripe.emulator.world
        world.settings = replace(world.settings, allow_negative_balance=not strict)
        return Trial(stripe, ben, payee, make_order, open_page, now, **terms)

    return new


def orders_of(*steps):
    """Every order in which the dispute comes before its verdict."""
    return [told for told in permutations(steps) if _is_possible(told)]


def _is_possible(steps):
    names = [name for name, *_ in steps]
    return names.index("dispute") < names.index("decide")


@pytest.mark.parametrize("outcome", ["won", "lost"])
@pytest.mark.parametrize(
    ("strict", "percent"),
    [(False, 100), (True, 100), (True, 40)],
    ids=["taken back", "out of reach", "out of reach, a part"],
)
def test_every_order_of_refund_release_payout_dispute_and_verdict(trial, strict, percent, outcome):
    """Where Stripe lets no account be negative, a bank has the coach's money before it is asked back."""
    steps = (
        ("refund", 50),
        ("release_and_pay_out" if strict else "release",),
        ("dispute", percent),
        ("decide", outcome),
    )
    for told in orders_of(*steps):
        with undone():
            story = trial(strict=strict)
            story.goes([*told, ("refund", 100)])
            story.ends()


STEP = st.one_of(
    st.tuples(st.just("refund"), st.sampled_from([1, 33, 50, 100])),
    st.tuples(st.just("release")),
    st.tuples(st.just("dispute"), st.sampled_from([100, 60, 25])),
    st.tuples(st.just("decide"), st.sampled_from(["won", "lost"])),
    st.tuples(st.just("fail_payout")),
    st.tuples(st.just("wait")),
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(STEP, min_size=4, max_size=9),
    balance=st.sampled_from([0, 1000, 11950]),
    strict=st.booleans(),
)
def test_every_history_of_one_order_ends_as_the_rules_say(trial, steps, balance, strict):
    with undone():
        story = trial(balance=balance, strict=strict)
        story.goes(steps)
        story.ends()
