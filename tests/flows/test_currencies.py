"""The whole way in currencies that count otherwise: what Stripe cannot move never comes into being.

The numbers expected are counted in whole steps of each currency, by other arithmetic than the site's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from core.instants import instant_json
from integrations.stripe.client import client
from payments.rules import least_charge
from payouts.models import Payee
from tests.flows.money import cents
from tests.marketplace.cast import offer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Coin:
    """A currency, the step Stripe moves in, and a price whose half and fifth are no whole steps."""

    code: str
    step: int
    price: int

    def part(self, amount: int, percent: int) -> int:
        """So many per cent, half up to a step."""
        return (amount // self.step * percent + 50) // 100 * self.step


COINS = [
    Coin("usd", 1, 12_001),
    Coin("jpy", 1, 12_003),
    Coin("kwd", 10, 12_330),
    Coin("isk", 100, 1_234_300),
    Coin("huf", 1, 1_234_567),
]


@pytest.fixture(params=COINS, ids=lambda coin: coin.code, autouse=True)
def coin(request, settings):
    settings.CURRENCY = request.param.code
    settings.SECOND_PERSON_ABOVE = 1_000 * least_charge(request.param.code)
    return request.param


@pytest.fixture
def hour(coin, ada, now):
    return offer(ada.coach, price=coin.price, now=now)


@pytest.fixture
def all_is_right(stripe, coin):
    """Invariants hold, Stripe's balances are the ledger's, and everything moved in whole steps."""

    def check():
        stripe.work()
        said = StringIO()
        call_command("check_ledger", "--stripe", stdout=said)
        for kind in ("payment_intent", "charge", "refund", "transfer", "transfer_reversal", "payout"):
            assert [
                one["amount"] % coin.step for one in stripe.objects(kind) if one["amount"] % coin.step
            ] == []
        assert "invariants hold" in said.getvalue()

    return check


def standing(coin, refunded):
    """What the order says after so much went back."""
    kept = coin.price - refunded
    fee = coin.part(kept, 20)
    return {
        "paid": coin.price, "tax": 0, "refunded": refunded, "lost": 0, "kept": kept, "goodwill": 0,
        "coach_share": kept - fee, "platform_fee": fee,
    }  # fmt: skip


def test_half_of_it_goes_back_and_the_rest_to_the_bank(stripe, ben, ada, coin, confirmed, at, all_is_right):
    booking = confirmed(days=3)
    stripe.work(at(days=2, hours=20))
    refund = coin.part(coin.price, 50)
    assert ben.cancel(booking, preview=True)["refund"] == {"amount": refund, "currency": coin.code}
    ben.cancel(booking)
    stripe.work()
    order = standing(coin, refund)
    assert cents(ben.booking(booking)["order"]) == order
    all_is_right()

    stripe.work(at(days=7))
    stripe.work(at(days=20))
    earned = ada.get("me/earnings/")
    assert (earned["currency"], earned["held"], earned["paid"]) == (coin.code, 0, order["coach_share"])
    [payout] = ada.get("me/payouts/")["results"]
    rest = order["coach_share"] % 100 if coin.code == "huf" else 0
    assert payout["amount"] == {"amount": order["coach_share"] - rest, "currency": coin.code}
    account = Payee.objects.get(user=ada.user).account
    left = client().v1.balance.retrieve(None, {"stripe_account": account}).available
    assert sum(fund.amount for fund in left) == rest
    all_is_right()


def test_what_operations_give_back_after_the_release_is_reversed(
    stripe, ben, olu, coin, confirmed, at, all_is_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=10, hours=2))
    [transfer] = stripe.objects("transfer")
    assert transfer["amount"] == standing(coin, 0)["coach_share"]
    back = coin.part(coin.price, 33)
    path, why = f"operations/bookings/{booking['id']}/refund/", "The room was too loud."
    if coin.step > 1:
        olu.post(path, {"amount": back + 1, "reason": why}, status=400)
    olu.post(path, {"amount": back, "reason": why})
    stripe.work()
    [reversal] = stripe.objects("transfer_reversal")
    after = standing(coin, back)
    assert reversal["amount"] == transfer["amount"] - after["coach_share"]
    assert cents(ben.booking(booking)["order"]) == after
    all_is_right()


def test_a_compensation_pays_for_the_next_session(stripe, ben, ada, hour, coin, confirmed, at, all_is_right):
    booking = confirmed(days=3)
    stripe.work(at(hours=2))
    ada.cancel(booking)
    stripe.work()
    tenth = coin.part(coin.price, 10)
    held = ben.book(hour, at(days=4))
    assert held["to_pay"] == {"amount": coin.price - tenth, "currency": coin.code}
    stripe.pay(held["checkout_session"])
    stripe.work()
    all_is_right()

    stripe.work(at(days=3, hours=20))
    ben.cancel(held)
    stripe.work()
    assert cents(ben.booking(held)["order"]) == standing(coin, coin.part(coin.price, 50))
    all_is_right()


def test_each_of_a_series_has_whole_steps(stripe, ben, hour, coin, at, all_is_right):
    starts = [at(days=7) + timedelta(weeks=week) for week in range(3)]
    wish = {"offer": str(hour.pk), "starts": [instant_json(start) for start in starts]}
    made = ben.post("bookings/series/", {**wish, "timezone": "Europe/Berlin"}, status=201)
    stripe.pay(made["checkout_session"])
    stripe.work(at(days=6, hours=20))
    ben.cancel(made["bookings"][0])
    ben.cancel(made["bookings"][2])
    stripe.work()
    back = [coin.part(coin.price, 50), 0, coin.price]
    found = [cents(ben.booking(booking)["order"]) for booking in made["bookings"]]
    assert found == [standing(coin, refunded) for refunded in back]
    all_is_right()
    stripe.work(at(days=30))
    all_is_right()
    stripe.work(at(days=40))
    all_is_right()


def test_a_price_that_cannot_be_charged_is_refused(ada, coin):
    wish = {"name": "Odd", "slug": "odd", "duration_minutes": 60, "kind": "session"}
    prices = {coin.step: "at least"}
    if coin.step > 1:
        prices[coin.price + 1] = "is a multiple of"
    for price, complaint in prices.items():
        body = {**wish, "price": {"amount": price, "currency": coin.code}}
        refused = ada.post("me/offers/", body, status=400)
        assert complaint in str(refused["error"]["fields"]["price"])
