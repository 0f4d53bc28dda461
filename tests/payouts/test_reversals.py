from __future__ import annotations

from datetime import timedelta

import pytest

from payouts.models import Netting, Release
from payouts.queries.earnings import earnings
from payouts.queries.ledger import balance
from payouts.rules import AccountKind
from tests.payouts.conftest import share
from tests.payouts.test_releases import release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]


@pytest.fixture
def strict_shop(shop, local_stripe):
    """Ada's books at a Stripe that refuses to make an account negative."""
    local_stripe.refuse_negative_balances()
    return shop


def reversed_amounts(local):
    return [found["amount"] for found in reversed(local.objects("transfer_reversal"))]


def test_a_refund_after_the_release_brings_the_money_back(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release(now)

    shop.refund(source, 4800)
    assert (earnings(payee).available, earnings(payee).debt) == (9600, 4800)
    release(now)

    assert reversed_amounts(local_stripe) == [4800]
    assert (share(source).state, share(source).reversed, share(source).debt) == ("transferred", 4800, 0)
    assert (earnings(payee).available, earnings(payee).debt) == (4800, 0)


def test_a_share_wholly_refunded_after_its_release_is_void(shop, payee, now):
    source = shop.sell(12000)
    release(now)

    shop.refund(source, 9600)
    assert share(source).state == "transferred"
    release(now)

    assert share(source).state == "void"
    assert Release.objects.get().state == "reversed"
    assert (earnings(payee).available, earnings(payee).paid) == (0, 0)


def test_two_partial_refunds_bring_back_both_parts(shop, local_stripe, now):
    source = shop.sell(12000)
    release(now)

    shop.refund(source, 2667, key="1")
    shop.refund(source, 2666, key="2")
    release(now)

    assert reversed_amounts(local_stripe) == [2667, 2666]
    assert share(source).reversed == 5333


def test_the_unsourced_part_comes_back_first(shop, local_stripe, now):
    local_stripe.charge(50_000, card="pm_card_bypassPending")
    source = shop.sell(12000, balance=6000)
    release(now)

    shop.refund(source, 5000)
    release(now)

    transfers = {found["id"]: found["amount"] for found in local_stripe.objects("transfer")}
    back = [
        (transfers[found["transfer"]], found["amount"]) for found in local_stripe.objects("transfer_reversal")
    ]
    assert sorted(back) == [(3600, 3600), (6000, 1400)]


def test_a_reversal_with_a_lost_answer_is_made_once(shop, local_stripe, now):
    source = shop.sell(12000)
    release(now)
    shop.refund(source, 4800)
    local_stripe.lose("POST /v1/transfers/*/reversals")
    release(now)
    assert share(source).debt == 4800

    release(now + timedelta(minutes=5))

    assert reversed_amounts(local_stripe) == [4800]
    assert (share(source).reversed, share(source).debt) == (4800, 0)


def paid_out(shop, local_stripe, now):
    """A share whose money is in the bank, so that nothing can be reversed."""
    source = shop.sell(12000, card="pm_card_bypassPending")
    release(now)
    local_stripe.at(now + timedelta(days=7))
    return source


def test_a_refused_reversal_stays_a_debt_and_is_netted_from_the_next_share(
    strict_shop, local_stripe, payee, now
):
    source = paid_out(strict_shop, local_stripe, now)
    strict_shop.refund(source, 4800)
    release(now)
    assert (share(source).debt, earnings(payee).debt) == (4800, 4800)

    following = strict_shop.sell(12000)
    release(now)

    assert (share(following).netted, share(following).released) == (4800, 4800)
    assert (share(source).recovered, share(source).owed) == (4800, 0)
    assert [(found.debtor, found.amount) for found in Netting.objects.all()] == [(share(source), 4800)]
    assert earnings(payee).debt == 0
    assert balance(AccountKind.PAYEE_DEBT, f"payee:{payee.pk}", currency="usd") == 0


def test_a_share_wholly_netted_is_paid_without_a_transfer(strict_shop, local_stripe, payee, now):
    source = paid_out(strict_shop, local_stripe, now)
    strict_shop.refund(source, 9600)
    release(now)
    assert (share(source).state, share(source).owed) == ("void", 9600)

    following = strict_shop.sell(6000)
    release(now)

    assert (share(following).state, share(following).netted, share(following).released) == ("paid", 4800, 0)
    assert share(source).owed == 4800
    net = earnings(payee)
    assert net.held + net.frozen + net.available + net.in_transit + net.paid - net.debt == 4800


def test_a_refund_of_what_was_netted_is_a_debt_again(strict_shop, local_stripe, payee, now):
    source = paid_out(strict_shop, local_stripe, now)
    strict_shop.refund(source, 4800)
    release(now)
    following = strict_shop.sell(6000)
    release(now)
    assert (share(following).netted, share(following).state) == (4800, "paid")

    strict_shop.refund(following, 4800)

    assert (share(following).state, share(following).owed) == ("void", 4800)
    assert earnings(payee).debt == 4800


def test_what_a_reversal_may_still_bring_back_is_not_netted(shop, local_stripe, now):
    source = shop.sell(12000)
    release(now)
    local_stripe.lose("POST /v1/transfers/*/reversals", "timeout_before")
    shop.refund(source, 4800)
    release(now)

    following = shop.sell(12000)
    release(now)

    assert share(following).netted == 0
    assert share(following).released == 9600
    release(now + timedelta(minutes=5))
    assert share(source).reversed == 4800
