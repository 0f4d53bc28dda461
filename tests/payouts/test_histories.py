"""Whatever happens in whatever order, every invariant holds at every step, and Stripe agrees at the end."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payouts.domain.comparing import compare_with_stripe
from payouts.domain.payees import payee_of, sync_account
from payouts.domain.payouts import sync_payouts
from payouts.domain.releases import release_due
from payouts.domain.shares import ShareReleasedError, freeze, unfreeze
from payouts.models import Payout, Share, ShareHold
from payouts.queries.earnings import earnings
from payouts.queries.invariants import check
from tests.payouts.conftest import Books, perform_due, ready, share

nth = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.integers(50, 30_000), st.booleans()),
        st.tuples(st.just("refund"), nth, st.integers(1, 100)),
        st.tuples(st.just("freeze"), nth),
        st.tuples(st.just("unfreeze"), nth),
        st.tuples(st.just("release")),
        st.tuples(st.just("perform")),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 150])),
        st.tuples(st.just("sync")),
        st.tuples(st.just("fail_payout")),
        st.tuples(st.just("capability"), st.sampled_from(["active", "restricted"])),
        st.tuples(st.just("lose"), st.sampled_from(["timeout_after", "timeout_before", "reset"])),
    ),
    min_size=4,
    max_size=16,
)


class History:
    """Steps of a story, told about shares by number; a step that is not possible just now is none."""

    def __init__(self, ada, local, now, *, strict):
        self.local, self.now, self.refunds, self.causes = local, now, 0, 0
        if strict:
            local.refuse_negative_balances()
        self.payee = ready(payee_of(ada, now=now), local.ready_account())
        self.books = Books(self.payee, now, local)

    def sell(self, paid, has_balance):
        self.books.now = self.now
        self.books.sell(paid, balance=paid // 2 if has_balance and paid > 200 else 0)

    def refund(self, number, percent):
        self.refunds += 1
        self.books.now = self.now
        if source := self._source(number):
            self.books.refund(source, share(source).amount * percent // 100, key=str(self.refunds))

    def freeze(self, number):
        self.causes += 1
        if (source := self._source(number)) and share(source).state in ("held", "frozen"):
            try:
                freeze(source, cause=f"report:{self.causes}", by=None, reason="report", now=self.now)
            except ShareReleasedError:
                assert share(source).is_out

    def unfreeze(self, number):
        if source := self._source(number):
            self._decide(ShareHold.objects.open().filter(share__source=source)[:1])

    def release(self):
        release_due(self.now)

    def perform(self):
        perform_due(self.now)

    def wait(self, hours):
        self.now += timedelta(hours=hours)
        self.local.at(self.now)

    def sync(self):
        sync_payouts(self.now)

    def fail_payout(self):
        if payout := Payout.objects.filter(state__in=["in_transit", "paid"]).first():
            self.local.fail_payout(payout.stripe_id)

    def capability(self, status):
        self.local.capability(self.payee.account, status)
        sync_account(self.payee.account, now=self.now)

    def lose(self, kind):
        self.local.lose("POST /v1/transfers*", kind)

    def end(self):
        """Time passes, everybody answers again, and all that is due is done."""
        self.local.stripe.lift_faults()
        self.capability("active")
        self.books.deposit(1_000_000)
        self._decide(ShareHold.objects.open())
        for _ in range(4):
            self.wait(25)
            while release_due(self.now) + perform_due(self.now) + sync_payouts(self.now):
                """Until nothing is due."""

    def _decide(self, holds):
        for source, cause in list(holds.values_list("share__source", "cause")):
            unfreeze(source, cause=cause, by=None, reason="decided", now=self.now)

    def _source(self, number):
        sources = list(Share.objects.order_by("pk").values_list("source", flat=True))
        return sources[number % len(sources)] if sources else None


@contextmanager
def undone():
    """A transaction that is taken back, and that verbs which must not run in one do not see."""
    everything = transaction.atomic()
    everything._from_testcase = True
    with everything:
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("strict", [False, True], ids=["negative balances", "no negative balances"])
def test_every_history_keeps_the_books(ada, stripe, local_stripe, now, strict):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def tell(steps):
        with undone():
            stripe.emulator.reset()
            local_stripe.at(now)
            history = History(ada, local_stripe, now, strict=strict)
            for name, *given_ in steps:
                getattr(history, name)(*given_)
                assert check() == []
            history.end()
            assert check() == []
            unpaid = Share.objects.exclude(state__in=["transferred", "in_transit", "paid", "void"])
            assert list(unpaid) == []
            net = earnings(history.payee)
            total = sum(Share.objects.values_list("amount", flat=True))
            assert net.held + net.frozen + net.available + net.in_transit + net.paid - net.debt == total
            assert compare_with_stripe() == []

    tell()
