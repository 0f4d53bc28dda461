"""A bank disputes what was paid: the share is frozen, or fetched back, and goes out again when it was won."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.client import client
from integrations.stripe.models import StripeOperation
from payouts.domain.shares import freeze, take_back_for_dispute, unfreeze
from payouts.models import Release, Reversal, Transfer
from payouts.queries.earnings import earnings, share_lines
from tests.payouts.conftest import perform_due, share
from tests.payouts.test_releases import release
from tests.payouts.test_reversals import paid_out, reversed_amounts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]
CAUSE = "dispute:du_1"
LATER = timedelta(minutes=5)


def dispute(source, now, cause=CAUSE):
    return take_back_for_dispute(source, cause=cause, now=now)


def decide(source, now, cause=CAUSE):
    return unfreeze(source, cause=cause, by=None, reason="decided", now=now)


def states(source):
    return [found.state for found in Release.objects.filter(share__source=source).order_by("number")]


def test_a_held_share_is_frozen_and_nothing_moves(shop, local_stripe, now):
    source = shop.sell(12000)
    dispute(source, now)
    release(now)

    assert (share(source).state, local_stripe.transfers()) == ("frozen", [])


def test_a_share_that_was_sent_comes_back_and_goes_out_again(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release(now)
    dispute(source, now)
    dispute(source, now)
    release(now)
    assert (share(source).state, reversed_amounts(local_stripe), states(source)) == (
        "frozen",
        [9600],
        ["reversed"],
    )
    assert (earnings(payee).frozen, earnings(payee).available, earnings(payee).debt) == (9600, 0, 0)

    decide(source, now)
    release(now)
    assert (share(source).state, states(source)) == ("transferred", ["reversed", "done"])
    assert [amount for amount, charge in local_stripe.transfers() if charge] == [9600, 9600]


def test_a_second_dispute_keeps_back_what_the_first_one_let_go(shop, local_stripe, now):
    source = shop.sell(12000)
    release(now)
    dispute(source, now)
    dispute(source, now, "dispute:du_2")
    decide(source, now)
    release(now)
    assert (share(source).state, reversed_amounts(local_stripe)) == ("frozen", [9600])

    decide(source, now, "dispute:du_2")
    release(now)
    assert share(source).state == "transferred"


def test_what_comes_back_after_the_verdict_is_held_and_sent_again(shop, local_stripe, now):
    source = shop.sell(12000)
    release(now)
    local_stripe.lose("POST /v1/transfers/*/reversals", "timeout_before")
    dispute(source, now)
    release(now)
    decide(source, now)
    assert share(source).state == "transferred"

    release(now + LATER)
    release(now + LATER)
    assert (share(source).state, share(source).released, share(source).reversed) == (
        "transferred",
        19200,
        9600,
    )


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after"])
def test_a_transfer_on_its_way_is_taken_back_when_it_is_made(shop, local_stripe, now, fault):
    source = shop.sell(12000)
    local_stripe.lose("POST /v1/transfers", fault)
    release(now)
    assert StripeOperation.objects.get(kind="transfer").state == "unknown"
    dispute(source, now)
    assert (share(source).state, Reversal.objects.count()) == ("held", 0)

    perform_due(now + LATER)
    perform_due(now + LATER)
    assert (share(source).state, reversed_amounts(local_stripe)) == ("frozen", [9600])
    decide(source, now)
    release(now + LATER)
    assert share(source).state == "transferred"


def test_a_transfer_that_is_refused_meanwhile_leaves_the_share_frozen(shop, onboarded, local_stripe, now):
    source = shop.sell(12000)
    local_stripe.lose("POST /v1/transfers", "timeout_before")
    release(now)
    dispute(source, now)
    local_stripe.capability(onboarded.account, "restricted")
    perform_due(now + LATER)

    assert (share(source).state, states(source)) == ("frozen", ["refused"])
    decide(source, now)
    assert share(source).state == "held"


def test_what_stripe_does_not_bring_back_stays_with_the_payee(shop, local_stripe, payee, now):
    local_stripe.refuse_negative_balances()
    source = paid_out(shop, local_stripe, now)
    dispute(source, now)
    release(now)

    assert (share(source).reversed, share(source).debt, states(source)) == (0, 0, ["done"])
    decide(source, now)
    release(now)
    assert (share(source).released, earnings(payee).debt) == (9600, 0)


def test_of_two_transfers_one_may_come_back_and_only_that_goes_out_again(shop, local_stripe, now):
    shop.deposit(50_000)
    source = shop.sell(12000, balance=6000)
    release(now)
    release(now)
    assert [amount for amount, _ in local_stripe.transfers()] == [6000, 3600]
    sourced = Transfer.objects.exclude(source_transaction="").get()
    # Somebody took it back by hand, so Stripe refuses to do it again.
    client().v1.transfers.reversals.create(sourced.stripe_id)
    dispute(source, now)
    release(now)
    assert (share(source).state, share(source).unreleased, states(source)) == ("frozen", 3600, ["reversed"])
    [line] = share_lines(share(source).payee)
    assert line.transfers == [sourced.stripe_id]

    decide(source, now)
    release(now)
    assert (share(source).state, share(source).unreleased) == ("transferred", 0)
    assert local_stripe.transfers()[2:] == [(3600, None)]
    [line] = share_lines(share(source).payee)
    assert line.transfers == [sourced.stripe_id, share(source).releases.last().transfers.get().stripe_id]


def test_a_refund_while_it_comes_back_is_paid_first(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release(now)
    local_stripe.lose("POST /v1/transfers/*/reversals", "timeout_before")
    dispute(source, now)
    release(now)
    shop.refund(source, 4800)
    assert (share(source).debt, earnings(payee).debt) == (4800, 4800)

    perform_due(now + LATER)
    assert (share(source).state, share(source).debt, share(source).unreleased) == ("frozen", 0, 4800)
    decide(source, now)
    release(now + LATER)
    assert (share(source).state, local_stripe.transfers()[1:]) == (
        "transferred",
        [(4800, shop_charge(source))],
    )


def shop_charge(source):
    return share(source).source_transaction


def test_only_what_is_not_a_debt_already_is_asked_back(shop, local_stripe, now):
    local_stripe.refuse_negative_balances()
    source = paid_out(shop, local_stripe, now)
    shop.refund(source, 4800)
    release(now)
    assert share(source).debt == 4800
    dispute(source, now)

    assert list(Reversal.objects.order_by("pk").values_list("amount", flat=True)) == [4800, 4800]


def test_a_wholly_netted_share_has_nothing_to_come_back(shop, local_stripe, payee, now):
    local_stripe.refuse_negative_balances()
    debtor = paid_out(shop, local_stripe, now)
    shop.refund(debtor, 9600)
    release(now)
    source = shop.sell(6000)
    release(now)
    dispute(source, now)
    release(now)
    assert (share(source).state, share(source).unreleased) == ("paid", 0)

    shop.refund(source, 4800)
    decide(source, now)
    assert (share(source).state, share(source).owed) == ("void", 4800)


def test_a_report_is_too_late_for_what_left_but_not_for_what_comes_back(shop, now):
    source = shop.sell(12000)
    release(now)
    dispute(source, now)
    freeze(source, cause="report:1", by=None, reason="reported", now=now)
    release(now)
    decide(source, now)
    assert share(source).state == "frozen"

    decide(source, now, "report:1")
    release(now)
    assert share(source).state == "transferred"


def test_payouts_that_fail_later_leave_a_frozen_share_where_it_is(shop, local_stripe, now):
    source = paid_out(shop, local_stripe, now)
    [payout] = local_stripe.objects("payout")
    dispute(source, now)
    release(now)
    assert share(source).state == "frozen"

    local_stripe.fail_payout(payout["id"])
    release(now + timedelta(days=7))
    assert share(source).state == "frozen"
