"""A payout asked for on Stripe's own pages: nobody says what is in it, and it is mirrored all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.client import client
from integrations.stripe.gateway import get_gateway
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.invoicing import invoice_payouts
from payouts.domain.payouts import sync_payout, sync_payouts
from payouts.models import Payout, PayoutInvoice
from payouts.queries.earnings import earnings
from tests.payouts.conftest import share
from tests.payouts.test_invoicing import profile  # noqa: F401  (a fixture)
from tests.payouts.test_payouts import ARRIVED, MONDAY, states
from tests.payouts.test_releases import release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]
SUNDAY = MONDAY - timedelta(days=1)


@pytest.fixture
def sold(shop, local_stripe, now):
    """Two shares, 9600 and 4800, which lie on Ada's account on Sunday."""
    sources = [shop.sell(12000), shop.sell(6000)]
    release(now)
    local_stripe.at(now + SUNDAY)
    return sources


@pytest.fixture
def by_hand(sold, payee):
    """``by_hand(9600)``: Ada asks Stripe for so much of it at once; its id."""

    def ask(amount):
        return (
            client()
            .v1.payouts.create({"amount": amount, "currency": "usd"}, {"stripe_account": payee.account})
            .id
        )

    return ask


@pytest.fixture
def look(local_stripe, now):
    """``look(MONDAY)``: it is so much later, and we read what Stripe has paid out."""

    def at(later):
        local_stripe.at(now + later)
        sync_payouts(now + later)
        assert compare_with_stripe() == []

    return at


def test_it_has_no_lines_and_carries_what_lay_there_longest(sold, by_hand, look, payee):
    made = by_hand(9600)
    look(SUNDAY)

    payout = Payout.objects.get()
    assert (payout.stripe_id, payout.automatic, payout.amount, payout.lines.count()) == (made, False, 9600, 0)
    assert states(sold) == ["in_transit", "transferred"]
    assert (earnings(payee).in_transit, earnings(payee).available) == (9600, 4800)


@pytest.mark.usefixtures("profile")
def test_the_next_automatic_one_takes_it_out_and_pays_the_rest(sold, by_hand, look, payee, now):
    by_hand(9600)
    look(SUNDAY)
    look(ARRIVED)

    automatic = Payout.objects.get(automatic=True)
    lines = automatic.lines.order_by("amount").values_list("kind", "amount", "returned")
    assert list(lines) == [("payout", -9600, None), ("payment", 4800, None), ("payment", 9600, None)]
    assert (states(sold), earnings(payee).paid) == (["paid", "paid"], 14400)
    assert invoice_payouts(now + ARRIVED) == 2
    assert sorted(PayoutInvoice.objects.values_list("total", flat=True)) == [4800, 9600]


def test_a_part_of_a_share_leaves_it_for_the_automatic_one(sold, by_hand, look):
    by_hand(5000)
    look(SUNDAY)
    assert states(sold) == ["transferred", "transferred"]

    look(ARRIVED)
    assert (states(sold), Payout.objects.get(automatic=True).amount) == (["paid", "paid"], 9400)


@pytest.mark.usefixtures("profile")
def test_one_that_comes_back_goes_out_again(sold, by_hand, look, local_stripe, payee, now):
    made = by_hand(14400)
    look(SUNDAY)
    assert states(sold) == ["in_transit", "in_transit"]
    look(ARRIVED)
    assert (states(sold), Payout.objects.count()) == (["paid", "paid"], 1)
    invoice_payouts(now + ARRIVED)

    local_stripe.fail_payout(made)
    look(ARRIVED)
    assert (states(sold), earnings(payee).available) == (["transferred", "transferred"], 14400)

    again = ARRIVED + timedelta(days=7)
    look(again)
    assert (states(sold), earnings(payee).paid) == (["paid", "paid"], 14400)
    invoice_payouts(now + again)
    assert sorted(PayoutInvoice.objects.values_list("total", flat=True)) == [-14400, 14400, 14400]


def test_it_may_be_read_after_the_one_that_takes_it_out(sold, by_hand, local_stripe, payee, now):
    made = by_hand(9600)
    local_stripe.at(now + ARRIVED)
    [automatic] = [seen.id for seen in get_gateway().list_payouts(payee.account) if seen.automatic]

    for payout in (automatic, made, automatic, made):
        sync_payout(payout, payee.account, now=now + ARRIVED)

    assert (states(sold), earnings(payee).paid) == (["paid", "paid"], 14400)
    assert share(sold[0]).releases.get().transfers.get().payout.stripe_id == automatic
