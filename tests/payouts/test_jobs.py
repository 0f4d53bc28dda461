from __future__ import annotations

from datetime import timedelta

import pytest

from payouts.domain.payees import payee_of
from payouts.domain.releases import release_due
from payouts.domain.shares import open_share, schedule_release
from payouts.models import Share
from tests.payouts.conftest import Books, ready, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(cleo, now):
    """A share of Cleo's whose money was never booked, so that her debt cannot be kept from it."""
    payee = ready(payee_of(cleo, now=now), "acct_cleo")
    terms = {"currency": "usd", "transfer_group": "", "now": now}
    open_share(payee.pk, "order_line:owing", 500, **terms)
    Share.objects.update(amount=0, released=500, debt=500, state="paid")
    open_share(payee.pk, "order_line:broken", 500, **terms)
    return schedule_release("order_line:broken", now - timedelta(days=1), now=now)


def test_a_share_that_cannot_be_released_holds_up_nobody_else(broken, payee, now):
    source = Books(payee, now).sell(12000)
    assert release_due(now) == 1
    assert share(source).releases.get().state == "planned"
    assert broken.releases.count() == 0
