"""The cast of payouts: Ada is paid, her account is ready; time is a Tuesday."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import User
from payouts.domain.payees import payee_of
from payouts.states import TransfersStatus


@pytest.fixture
def now():
    return datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada@demo.test", name="Ada")


@pytest.fixture
def cleo(db):
    return User.objects.create_user("cleo@demo.test", name="Cleo")


@pytest.fixture
def payee(ada, now):
    """Ada as a payee whose account at Stripe may receive transfers."""
    payee = payee_of(ada, now=now)
    payee.account, payee.transfers = "acct_ada", TransfersStatus.ACTIVE
    payee.save()
    return payee
