from __future__ import annotations

from datetime import timedelta

import pytest

from payouts.domain.payees import payee_of
from payouts.domain.payouts import sync_payouts
from payouts.domain.shares import freeze
from payouts.models import Payout
from payouts.queries.earnings import Earnings, earnings, share_lines
from tests.payouts.conftest import Books, ready, share
from tests.payouts.test_payouts import ARRIVED, MONDAY
from tests.payouts.test_releases import release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]


@pytest.fixture
def everywhere(shop, local_stripe, now):
    """One share paid out, one in transit, one transferred, one held, one frozen."""
    sources = [shop.sell(1000)]
    release(now)
    local_stripe.at(now + MONDAY)
    sync_payouts(now + MONDAY)
    sources.append(shop.sell(2000))
    release(now + MONDAY)
    later = now + MONDAY + timedelta(days=7)
    local_stripe.at(later)
    sync_payouts(later)
    sources.append(shop.sell(4000))
    release(later)
    sources += [shop.sell(8000, release_in=timedelta(days=99)), shop.sell(16000)]
    freeze(sources[-1], cause="report:1", by=None, reason="report", now=later)
    return sources


def test_earnings_say_where_the_money_is(everywhere, payee):
    assert [share(source).state for source in everywhere] == [
        "paid",
        "in_transit",
        "transferred",
        "held",
        "frozen",
    ]
    held, frozen = share(everywhere[3]), share(everywhere[4])
    assert frozen.release_at < held.release_at
    assert earnings(payee) == Earnings(
        currency="usd",
        held=6400,
        frozen=12800,
        available=3200,
        in_transit=1600,
        paid=800,
        debt=0,
        next_release_at=held.release_at,
    )


def test_who_has_earned_nothing_has_nothing(payee):
    assert earnings(payee) == Earnings("usd", 0, 0, 0, 0, 0, 0)
    assert share_lines(payee) == []


def test_earnings_are_the_payees_own(everywhere, cleo, now):
    assert earnings(payee_of(cleo, now=now)) == Earnings("usd", 0, 0, 0, 0, 0, 0)
    assert share_lines(payee_of(cleo, now=now)) == []


def test_each_share_has_a_line(everywhere, payee):
    lines = share_lines(payee)

    assert [(line.source, line.net, line.state, len(line.transfers)) for line in lines] == [
        ("order_line:5", 12800, "frozen", 0),
        ("order_line:4", 6400, "held", 0),
        ("order_line:3", 3200, "transferred", 1),
        ("order_line:2", 1600, "in_transit", 1),
        ("order_line:1", 800, "paid", 1),
    ]
    by_amount = {payout.amount: payout.stripe_id for payout in Payout.objects.all()}
    assert [line.payout for line in lines] == [None, None, None, by_amount[1600], by_amount[800]]


def test_the_lines_may_be_of_some_shares_only(everywhere, payee):
    assert [line.source for line in share_lines(payee, everywhere[1:3])] == everywhere[2:0:-1]
    assert share_lines(payee, []) == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_lines_need_one_query(shop, payee, now, count, django_assert_num_queries):
    for _ in range(count):
        shop.sell(1000)
    release(now)

    with django_assert_num_queries(1):
        assert len(share_lines(payee)) == count


@pytest.fixture
def ada_client(client, ada):
    client.force_login(ada)
    return client


def test_the_api_lists_payouts_with_their_lines(everywhere, ada_client):
    answer = ada_client.get("/api/v1/me/payouts/").json()

    newest, oldest = answer["results"]
    assert (answer["count"], newest["state"], oldest["state"]) == (2, "in_transit", "paid")
    assert oldest["amount"] == {"amount": 800, "currency": "usd"}
    assert oldest["lines"] == [
        {
            "kind": "payment",
            "amount": {"amount": 800, "currency": "usd"},
            "transfer": share(everywhere[0]).releases.get().transfers.get().stripe_id,
            "share": str(share(everywhere[0]).pk),
        }
    ]
    assert (oldest["made_at"], oldest["arrives_on"]) == ("2026-11-30T00:00:00Z", "2026-12-02")
    assert (oldest["failure"], newest["paid_at"]) == (None, None)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_needs_the_same_queries_however_long(
    shop, local_stripe, now, ada_client, count, django_assert_num_queries
):
    for week in range(count):
        at = now + timedelta(days=7 * week)
        local_stripe.at(at)
        shop.sell(1000)
        release(at)
        local_stripe.at(at + ARRIVED)
        sync_payouts(at + ARRIVED)

    with django_assert_num_queries(7):
        assert len(ada_client.get("/api/v1/me/payouts/").json()["results"]) == count


def test_nobody_sees_another_persons_payouts(everywhere, client, cleo, local_stripe, now):
    hers = Books(ready(payee_of(cleo, now=now), local_stripe.ready_account()), now, local_stripe)
    assert hers.payee.user == cleo
    client.force_login(cleo)

    assert client.get("/api/v1/me/payouts/").json()["results"] == []
