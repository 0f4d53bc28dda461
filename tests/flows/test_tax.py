"""Tax that is in the price: people see and get back amounts with it, shares and fees are without."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from itertools import permutations

import pytest
from django.core.management import call_command

from core.instants import instant_json
from payments.domain.refunds import refund_percent
from payments.models import OrderLine
from payouts.queries.ledger import balance
from payouts.rules import AccountKind
from tests.flows.money import cents
from tests.marketplace.cast import offer

pytestmark = pytest.mark.django_db

WHOLE = {
    "paid": 12000, "tax": 2000, "refunded": 0, "lost": 0, "kept": 12000, "goodwill": 0,
    "coach_share": 8000, "platform_fee": 2000,
}  # fmt: skip
HALF = {**WHOLE, "tax": 1000, "refunded": 6000, "kept": 6000, "coach_share": 4000, "platform_fee": 1000}


@pytest.fixture(autouse=True)
def taxed(settings):
    settings.TAX_MODE = "stripe"


@pytest.fixture
def all_is_right(stripe):
    """Invariants hold, with Stripe's balances; answers the tax we owe."""

    def check():
        stripe.work()
        call_command("check_ledger", "--stripe", stdout=StringIO())
        return -balance(AccountKind.TAX_PAYABLE, currency="usd")

    return check


@pytest.fixture
def in_london(stripe, ben, hour, at):
    """Ben's paid session in three days; a fifth on top of the net price is in its $120."""

    def make(card="4242424242424242", what=hour, **ahead):
        booking = ben.book(what, at(**(ahead or {"days": 3})))
        stripe.pay(booking["checkout_session"], card=card, country="GB")
        stripe.work()
        return booking

    return make


def test_stripe_says_what_of_the_price_is_tax(stripe, ben, in_london, all_is_right):
    booking = in_london()
    assert cents(ben.booking(booking)["order"]) == WHOLE
    [session] = stripe.objects("checkout.session")
    assert (session["amount_total"], session["total_details"]["amount_tax"]) == (12000, 2000)
    assert all_is_right() == 2000


def test_half_of_it_takes_half_of_the_tax(stripe, ben, ada, in_london, at, all_is_right):
    booking = in_london()
    stripe.work(at(days=2, hours=20))
    preview = ben.cancel(booking, preview=True)
    assert (preview["refund"]["amount"], preview["kept"]["amount"]) == (6000, 6000)
    ben.cancel(booking)
    assert all_is_right() == 1000
    assert cents(ben.booking(booking)["order"]) == HALF

    [line] = ada.get("me/earnings/")["lines"]
    assert (line["gross"], line["refunded"], line["fee"], line["net"]) == (10000, 5000, 1000, 4000)
    stripe.work(at(days=7))
    assert [transfer["amount"] for transfer in stripe.objects("transfer")] == [4000]
    assert all_is_right() == 1000


def test_all_of_it_takes_all_of_the_tax_after_the_release_too(stripe, ben, olu, in_london, at, all_is_right):
    booking = in_london()
    stripe.work(at(days=10, hours=2))
    assert all_is_right() == 2000
    wish = {"amount": 12000, "reason": "The room was too loud."}
    olu.post(f"operations/bookings/{booking['id']}/refund/", wish)
    assert all_is_right() == 0
    assert [reversal["amount"] for reversal in stripe.objects("transfer_reversal")] == [8000]
    order = cents(ben.booking(booking)["order"])
    assert (order["tax"], order["coach_share"], order["platform_fee"]) == (0, 0, 0)


def test_what_a_bank_takes_back_takes_its_tax(stripe, ben, in_london, all_is_right):
    booking = in_london(card="4000000000000259")
    [dispute] = stripe.objects("dispute")
    stripe.control("POST", f"disputes/{dispute['id']}/close", outcome="lost")
    assert all_is_right() == 0
    order = cents(ben.booking(booking)["order"])
    assert (order["lost"], order["kept"], order["tax"], order["coach_share"]) == (12000, 0, 0, 0)


def test_what_the_balance_pays_bears_no_tax(stripe, ben, ada, in_london, at, all_is_right):
    in_london(days=2)
    first = in_london(days=3)
    stripe.work(at(hours=2))
    ada.cancel(first)
    second = in_london(days=4)
    assert cents(ben.booking(second)["order"]) == {
        **WHOLE, "tax": 1800, "coach_share": 8160, "platform_fee": 2040,
    }  # fmt: skip
    assert all_is_right() == 2000 + 1800


def test_where_we_need_not_collect_nothing_changes(stripe, ben, hour, at, all_is_right):
    booking = ben.book(hour, at(days=3))
    stripe.pay(booking["checkout_session"], country="BR")
    assert all_is_right() == 0
    assert cents(ben.booking(booking)["order"]) == {
        **WHOLE, "tax": 0, "coach_share": 9600, "platform_fee": 2400,
    }  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_each_of_a_series_has_its_part_whichever_goes_back_first(
    stripe, ben, ada, at, now, order, all_is_right
):
    odd = offer(ada.coach, price=12_001, now=now)
    starts = [at(days=7) + timedelta(weeks=week) for week in range(3)]
    wish = {"offer": str(odd.pk), "starts": [instant_json(start) for start in starts]}
    made = ben.post("bookings/series/", {**wish, "timezone": "Europe/Berlin"}, status=201)
    stripe.pay(made["checkout_session"], country="GB")
    stripe.work()
    lines = list(OrderLine.objects.order_by("pk"))
    assert [line.tax for line in lines] == [2001, 2000, 2000]
    for place, percent in zip(order, (33, 100, 50), strict=True):
        refund_percent(lines[place].pk, percent, reason="for a test", by=None, now=now)
    kept = dict(zip(order, (8041, 0, 6000), strict=True))
    ended = OrderLine.objects.order_by("pk").values_list("tax", "paid", "refunded", "tax_kept")
    assert [paid - refunded for _, paid, refunded, _ in ended] == [kept[place] for place in range(3)]
    due = [(2 * tax * (paid - back) + paid) // (2 * paid) for tax, paid, back, _ in ended]
    assert [tax_kept for *_, tax_kept in ended] == due
    assert all_is_right() == sum(due)
