"""Giving up a session: each tier of the policy, the coach, requests, and a balance that comes back."""

from __future__ import annotations

import pytest

from core import clock
from marketplace.domain.fulfilment import fulfil_order
from marketplace.models import Session
from payments.domain.balances import compensate
from tests.flows.money import cents, dollars
from tests.marketplace.cast import offer

pytestmark = pytest.mark.django_db


OUTCOME = ("refund", "kept", "goodwill", "coach_share", "platform_fee")


def outcome_of(answer):
    return {**cents({name: answer[name] for name in OUTCOME}), "rule": answer["rule"]}


FULL = {"refund": 12000, "kept": 0, "goodwill": 0, "coach_share": 0, "platform_fee": 0}
HALF = {"refund": 6000, "kept": 6000, "goodwill": 0, "coach_share": 4800, "platform_fee": 1200}
NONE = {"refund": 0, "kept": 12000, "goodwill": 0, "coach_share": 9600, "platform_fee": 2400}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({"hours": 24}, {**FULL, "rule": "full"}),
        ({"hours": 23, "minutes": 59}, {**HALF, "rule": "half"}),
        ({"hours": 2}, {**HALF, "rule": "half"}),
        ({"hours": 1, "minutes": 59}, {**NONE, "rule": "none"}),
    ],
)
def test_each_tier_of_the_policy(stripe, ben, ada, confirmed, at, before, expected, books_are_right):
    booking = confirmed(days=3)
    starts_at = at(days=3)
    stripe.work(starts_at - (at(**before) - at()))
    preview = ben.cancel(booking, preview=True)
    assert outcome_of(preview) == expected
    assert ben.booking(booking)["state"] == "confirmed"
    assert outcome_of(ben.cancel(booking)) == expected
    stripe.work()

    done = ben.booking(booking)
    assert done["state"] == "cancelled"
    assert cents(done["order"]) == {
        "paid": 12000,
        "tax": 0,
        "lost": 0,
        "refunded": expected["refund"],
        **{name: expected[name] for name in ("kept", "goodwill", "coach_share", "platform_fee")},
    }
    assert sum(refund["amount"] for refund in stripe.objects("refund")) == expected["refund"]
    assert outcome_of(ben.cancel(booking)) == expected, "twice is once"
    assert len(stripe.objects("refund")) == (1 if expected["refund"] else 0)
    # Nobody writes a scorecard for it: what is kept is due 72 hours after the end that was agreed.
    stripe.work(at(days=6, minutes=59))
    assert ada.get("me/earnings/")["held"] == expected["coach_share"]
    stripe.work(at(days=6, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    books_are_right()


def test_an_hour_of_grace_after_confirming(stripe, ben, confirmed, at, books_are_right):
    booking = confirmed(hours=24, minutes=30)
    stripe.work(at(minutes=59))
    assert outcome_of(ben.cancel(booking, preview=True)) == {**FULL, "rule": "grace"}
    stripe.work(at(hours=1))
    assert outcome_of(ben.cancel(booking, preview=True)) == {**HALF, "rule": "half"}
    books_are_right()


def test_from_the_start_on_nothing_is_cancelled(stripe, ben, confirmed, at):
    booking = confirmed(days=3)
    stripe.work(at(days=3))
    refused = ben.post(f"bookings/{booking['id']}/cancel/", {}, status=409)
    assert refused["error"]["code"] == "session_begun"


def test_a_coach_who_cancels_gives_everything_back_and_late_something_on_top(
    stripe, ben, ada, hour, confirmed, at, books_are_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=1))
    assert outcome_of(ada.cancel(booking)) == {**FULL, "rule": "coach"}
    stripe.work()
    assert cents(ben.booking(booking)["order"])["refunded"] == 12000

    # Ten per cent of what was paid, as a balance that the next booking uses.
    second = ben.book(hour, at(days=5))
    assert (second["price"], second["to_pay"]) == (dollars(12000), dollars(10800))
    stripe.pay(second["checkout_session"])
    stripe.work()
    assert cents(ben.booking(second)["order"]) == {
        "paid": 12000,
        "tax": 0,
        "refunded": 0,
        "lost": 0,
        "kept": 12000,
        "goodwill": 0,
        "coach_share": 9600,
        "platform_fee": 2400,
    }
    books_are_right()


def test_the_same_pair_is_compensated_once_in_ninety_days(
    stripe, ben, ada, hour, confirmed, at, books_are_right
):
    for day in (3, 4):
        booking = confirmed(days=day)
        stripe.work(at(days=day, hours=-3))
        ada.cancel(booking)
    stripe.work()
    held = ben.book(hour, at(days=9))
    # $12 of the first; the second was booked with $12 of it, which came back when it was cancelled.
    assert held["to_pay"] == dollars(10800)
    books_are_right()


def test_an_early_cancel_by_the_coach_brings_nothing_on_top(stripe, ben, ada, hour, confirmed, at):
    booking = confirmed(days=10)
    stripe.work(at(days=2))
    ada.cancel(booking)
    stripe.work()
    assert ben.book(hour, at(days=9))["to_pay"] == dollars(12000)


def test_the_balance_of_a_hold_comes_back_when_it_is_released(
    stripe, ben, ada, hour, confirmed, at, books_are_right
):
    ada.cancel(_late(stripe, confirmed, at))
    stripe.work()
    first = ben.book(hour, at(days=5))
    assert first["to_pay"] == dollars(10800)
    # The first hold gives its balance back to the one that takes its place.
    second = ben.book(hour, at(days=6))
    assert second["to_pay"] == dollars(10800)
    ben.cancel(second)
    assert ben.book(hour, at(days=7))["to_pay"] == dollars(10800)
    books_are_right()


def test_a_balance_that_covers_all_confirms_at_once(stripe, ben, ada, confirmed, at, now, books_are_right):
    ada.cancel(_late(stripe, confirmed, at))
    stripe.work()
    small = offer(ada.coach, price=1200, minutes=30, name="Quick question", now=now)
    booking = ben.book(small, at(days=5))
    assert (booking["state"], booking["to_pay"], booking["checkout_url"]) == ("confirmed", dollars(0), None)
    assert ben.book(small, at(days=5), status=200)["id"] == booking["id"]
    assert cents(ben.booking(booking)["order"])["coach_share"] == 960
    back = ben.cancel(booking)
    assert back["refund"] == dollars(1200)
    books_are_right()


def _late(stripe, confirmed, at):
    booking = confirmed(days=3)
    stripe.work(at(days=1))
    return booking


def test_a_paid_request_is_accepted(stripe, ben, ada, asked_hour, at, books_are_right):
    booking = _requested(stripe, ben, asked_hour, at)
    assert ben.post(f"bookings/{booking['id']}/accept/", status=403)["error"]["code"] == "forbidden"
    assert ada.post(f"bookings/{booking['id']}/accept/")["state"] == "confirmed"
    assert ada.post(f"bookings/{booking['id']}/accept/")["state"] == "confirmed"
    stripe.work(at(days=10, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    books_are_right()


def test_a_declined_request_is_refunded_in_full(stripe, ben, ada, asked_hour, at, books_are_right):
    booking = _requested(stripe, ben, asked_hour, at)
    assert ada.post(f"bookings/{booking['id']}/decline/", {"reason": "Away."})["state"] == "declined"
    stripe.work()
    assert cents(ben.booking(booking)["order"])["refunded"] == 12000
    books_are_right()


def test_a_request_that_nobody_answers_is_refunded_in_full(stripe, ben, asked_hour, at, books_are_right):
    booking = _requested(stripe, ben, asked_hour, at)
    stripe.work(at(hours=47, minutes=59))
    assert ben.booking(booking)["state"] == "requested"
    stripe.work(at(hours=48))
    assert (ben.booking(booking)["state"], cents(ben.booking(booking)["order"])["refunded"]) == (
        "expired",
        12000,
    )
    books_are_right()


def test_a_request_withdrawn_by_the_candidate_is_refunded_in_full(
    stripe, ben, asked_hour, at, books_are_right
):
    booking = _requested(stripe, ben, asked_hour, at)
    assert outcome_of(ben.cancel(booking)) == {**FULL, "rule": "request"}
    books_are_right()


def _requested(stripe, ben, asked_hour, at):
    booking = ben.book(asked_hour, at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    assert ben.booking(booking)["state"] == "requested"
    return booking


@pytest.mark.parametrize("before", [{"hours": 23}, {"hours": 1}])
def test_old_news_of_the_payment_gives_nothing_more_back(stripe, ben, confirmed, at, before, books_are_right):
    booking = confirmed(days=3)
    stripe.work(at(days=3) - (at(**before) - at()))
    ben.cancel(booking)
    settled = ben.booking(booking)["order"]
    fulfil_order(Session.objects.get(pk=booking["id"]).order_id, now=clock.now())
    assert ben.booking(booking)["order"] == settled
    books_are_right()


def test_a_session_that_a_balance_paid_is_cancelled_before_the_news_of_its_payment(
    stripe, ben, hour, at, books_are_right
):
    compensate(ben.user, 12_000, currency="usd", source="test", now=at())
    booking = ben.book(hour, at(hours=20))
    assert booking["state"] == "confirmed"
    assert outcome_of(ben.cancel(booking)) == {**HALF, "rule": "half"}
    books_are_right()
    assert outcome_of(ben.cancel(booking)) == {**HALF, "rule": "half"}
    assert cents(ben.booking(booking)["order"])["refunded"] == 6000
