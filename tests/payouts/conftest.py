"""The cast of payouts: Ada is paid, Cleo must not see it, and a Stripe runs in this process."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from integrations.stripe import operations
from payouts.domain.ledger import post
from payouts.domain.payees import payee_of
from payouts.domain.shares import open_share, resize_share, schedule_release
from payouts.models import Share
from payouts.queries.invariants import check
from payouts.rules import AccountKey, AccountKind
from payouts.states import TransfersStatus
from tests.payouts.local_stripe import LocalStripe

PLATFORM = AccountKey(AccountKind.STRIPE_PLATFORM)
FEES = AccountKey(AccountKind.STRIPE_FEES)
REVENUE = AccountKey(AccountKind.PLATFORM_REVENUE)


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada@demo.test", name="Ada")


@pytest.fixture
def cleo(db):
    return User.objects.create_user("cleo@demo.test", name="Cleo")


@pytest.fixture
def payee(ada, now):
    """Ada as a payee whose account may receive transfers, no Stripe involved."""
    return ready(payee_of(ada, now=now), "acct_ada")


def ready(payee, account):
    payee.account, payee.transfers = account, TransfersStatus.ACTIVE
    payee.save()
    return payee


@pytest.fixture
def local_stripe(stripe):
    return LocalStripe(stripe)


@pytest.fixture
def onboarded(payee, local_stripe):
    """Ada with a real account at the local Stripe."""
    return ready(payee, local_stripe.ready_account())


class Books:
    """Sells things of Ada's, as payments would: a charge, its entry, a share of 80 %."""

    def __init__(self, payee, now, local=None):
        self.payee, self.now, self.local = payee, now, local
        self.sold = 0

    def sell(self, paid=12000, *, card="pm_card_visa", release_in=timedelta(0), balance=0):
        self.sold += 1
        source, group = f"order_line:{self.sold}", f"order:{self.sold}"
        charge = self.local.charge(paid - balance, group=group, card=card) if self.local else ""
        fee = self.local.fee(charge) if charge else 0
        share, goodwill = paid * 8 // 10, AccountKey(AccountKind.GOODWILL)
        legs = {
            PLATFORM: paid - balance,
            goodwill: balance,
            AccountKey.of_payee(AccountKind.PAYEE_HELD, self.payee.pk): -share,
            REVENUE: share - paid,
        }
        post("pay", group, legs, currency="usd", now=self.now)
        post("fees", group, {FEES: fee, PLATFORM: -fee}, currency="usd", now=self.now)
        open_share(
            self.payee.pk,
            source,
            share,
            currency="usd",
            transfer_group=group,
            source_transaction=charge,
            sourced_limit=min(share, paid - balance) if charge else 0,
            now=self.now,
        )
        schedule_release(source, self.now + release_in, now=self.now)
        return source

    def deposit(self, amount):
        """Money of the platform's own, available at once."""
        charge = self.local.charge(amount, card="pm_card_bypassPending")
        net = amount - self.local.fee(charge)
        post("deposit", charge, {PLATFORM: net, REVENUE: -net}, currency="usd", now=self.now)

    def refund(self, source, amount, *, key="1"):
        """Take ``amount`` off a share as a refund would; the platform bears the rest elsewhere."""
        legs = dict(resize_share(source, share(source).amount - amount, now=self.now))
        post(
            "refund", f"{source}:{key}", {**legs, REVENUE: -sum(legs.values())}, currency="usd", now=self.now
        )


def share(source):
    return Share.objects.get(source=source)


def perform_due(now):
    """What the worker and the sweep do with planned and unknown operations."""
    return operations.repeat_unknown(now)


@pytest.fixture
def books(payee, now):
    return Books(payee, now)


@pytest.fixture
def shop(onboarded, now, local_stripe):
    """The books of the onboarded Ada, with real charges, and something on the platform's own account."""
    return Books(onboarded, now, local_stripe)


@pytest.fixture
def holds(db):
    """Every invariant, after the test."""
    yield
    assert check() == []
