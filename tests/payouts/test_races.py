"""Two at once, on real connections."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection

from payouts.domain.payouts import sync_payout
from payouts.domain.releases import release_due
from payouts.domain.shares import ShareReleasedError, freeze, take_back_for_dispute
from payouts.models import JournalEntry, Payout, Release
from tests.payouts.conftest import perform_due, share
from tests.payouts.test_payouts import ARRIVED
from tests.payouts.test_releases import release

pytestmark = [
    pytest.mark.backend,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("holds"),
]


def together(*acts):
    """Start them at one moment, each on its own connection; what each answered, or the refusal it met."""
    barrier, answers = Barrier(len(acts)), {}

    def run(number, act):
        barrier.wait()
        try:
            answers[number] = act()
        except ShareReleasedError as refusal:
            answers[number] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(acts))]


def test_two_workers_release_a_share_once(shop, local_stripe, now):
    source = shop.sell(12000)

    assert sorted(together(lambda: release_due(now), lambda: release_due(now))) == [0, 1]
    together(lambda: perform_due(now), lambda: perform_due(now))

    assert (len(local_stripe.transfers()), share(source).state) == (1, "transferred")
    assert Release.objects.count() == 1


def test_a_release_and_a_dispute_at_once_end_frozen(shop, local_stripe, now):
    for number in range(4):
        source = shop.sell(12000)
        together(
            lambda: release_due(now),
            lambda: take_back_for_dispute(source, cause=f"dispute:{number}", now=now),  # noqa: B023
        )
        while perform_due(now):
            """Until nothing is left to send."""
        assert (share(source).state, share(source).unreleased) == ("frozen", 9600)


def test_a_release_and_a_freeze_at_once_leave_one_of_them(shop, local_stripe, now):
    for _ in range(6):
        source = shop.sell(12000)
        together(
            lambda: release_due(now),
            lambda: freeze(source, cause="report:1", by=None, reason="report", now=now),  # noqa: B023
        )
        perform_due(now)

        made = share(source).releases.count()
        assert (share(source).state, made) in {("transferred", 1), ("frozen", 0)}


def test_a_release_and_a_refund_at_once_lose_nothing(shop, local_stripe, now):
    for _ in range(6):
        source = shop.sell(12000)
        together(lambda: release_due(now), lambda: shop.refund(source, 4800))  # noqa: B023
        release(now)

        settled = share(source)
        assert (settled.state, settled.released - settled.reversed, settled.debt) == ("transferred", 4800, 0)


def test_a_payout_read_by_two_is_booked_once(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release(now)
    local_stripe.at(now + ARRIVED)
    account = share(source).payee.account
    [seen] = local_stripe.objects("payout")

    together(*[lambda: sync_payout(seen["id"], account, now=now + ARRIVED)] * 4)

    assert (Payout.objects.get().state, share(source).state) == ("paid", "paid")
    assert JournalEntry.objects.filter(kind__startswith="payout").count() == 2
