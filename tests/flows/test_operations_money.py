"""Money that operations move by hand: refunds within one person's limit, compensations that wait."""

from __future__ import annotations

import pytest

from tests.flows.money import cents, dollars
from tests.marketplace.cast import offer

pytestmark = pytest.mark.django_db


def give(olu, booking, amount, *, status=200, **headers):
    path = f"operations/bookings/{booking['id']}/refund/"
    return olu.post(path, {"amount": amount, "reason": "The sound was bad."}, status=status, **headers)


def test_operations_give_some_back_and_the_share_follows(stripe, ben, ada, olu, confirmed, books_are_right):
    booking = confirmed(days=3)
    assert cents(give(olu, booking, 2000)["order"])["refunded"] == 2000
    assert cents(give(olu, booking, dollars(1000))["order"])["refunded"] == 3000
    stripe.work()
    amounts = cents(ben.booking(booking)["order"])
    assert (amounts["kept"], amounts["coach_share"], amounts["platform_fee"]) == (9000, 7200, 1800)
    assert sorted(refund["amount"] for refund in stripe.objects("refund")) == [1000, 2000]
    assert ada.get("me/earnings/")["held"] == 7200
    assert ben.booking(booking)["state"] == "confirmed"
    books_are_right()


def test_a_refund_sent_twice_under_one_key_is_one(stripe, ben, olu, confirmed, books_are_right):
    booking = confirmed(days=3)
    for _ in range(2):
        give(olu, booking, 2000, **{"Idempotency-Key": "a-key-of-olus"})
    assert cents(ben.booking(booking)["order"])["refunded"] == 2000
    books_are_right()


def test_a_refund_after_the_release_comes_back_from_the_coach(
    stripe, ben, ada, olu, confirmed, at, books_are_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=10, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    give(olu, booking, 12000)
    stripe.work()
    amounts = cents(ben.booking(booking)["order"])
    assert (amounts["refunded"], amounts["coach_share"]) == (12000, 0)
    books_are_right()


@pytest.mark.parametrize("amount", [0, -1, 12001, {"amount": 100, "currency": "eur"}, "10", True, None])
def test_no_more_is_given_back_than_is_kept_nor_another_currency(stripe, ben, olu, confirmed, amount):
    booking = confirmed(days=3)
    refused = give(olu, booking, amount, status=400)
    assert list(refused["error"]["fields"]) == ["amount"]
    assert cents(ben.booking(booking)["order"])["refunded"] == 0


def test_above_the_limit_a_second_person_is_needed(stripe, ben, ada, olu, at, now, books_are_right):
    dear = offer(ada.coach, price=60_000, name="A whole day", now=now)
    booking = ben.book(dear, at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    refused = give(olu, booking, 50_001, status=409)["error"]
    assert (refused["code"], refused["limit"]) == ("second_person_needed", dollars(50_000))
    give(olu, booking, 30_000)
    assert give(olu, booking, 20_001, status=409)["error"]["code"] == "second_person_needed", "in pieces"
    give(olu, booking, 20_000)
    assert cents(ben.booking(booking)["order"])["refunded"] == 50_000
    books_are_right()


def test_strangers_give_nothing_back(stripe, ben, ada, cleo, confirmed):
    booking = confirmed(days=3)
    for person in (ben, ada, cleo):
        give(person, booking, 100, status=404)
    assert cents(ben.booking(booking)["order"])["refunded"] == 0


def test_a_compensation_that_waits_is_refused_for_good(stripe, ben, ada, olu, hour, confirmed, at):
    for day in (3, 5):
        booking = confirmed(days=day)
        stripe.set_clock(at(days=day, hours=-30))
        ada.cancel(booking)
        stripe.work()
    (waiting,) = olu.get("operations/queues/")["compensations"]["results"]
    path = f"operations/compensations/{waiting['id']}"
    for _ in range(2):
        answer = olu.post(f"{path}/refuse/", {"reason": "She told him a week before."})
    assert (answer["granted_at"], answer["amount"]) == (None, dollars(1200))
    assert olu.post(f"{path}/grant/", {"reason": "x"}, status=409)["error"]["code"] == "compensation_decided"
    assert olu.get("operations/queues/")["compensations"]["count"] == 0
    assert ben.book(hour, at(days=9))["to_pay"] == dollars(10800)
