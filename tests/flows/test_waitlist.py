"""Cleo waits, Ben gives his hour up, Cleo pays for it: to the cent, and nobody else gets in between."""

from __future__ import annotations

import pytest

from core.instants import instant_json
from payments.domain.balances import compensate
from tests.flows.money import cents
from tests.marketplace.cast import offer, person

pytestmark = pytest.mark.django_db


def waits(who, ada, what):
    return who.post(f"coaches/{ada.coach.slug}/waitlist/", {"offer": what.slug}, status=201)


def held_by(who):
    return who.get("bookings/", state="held")["results"]


@pytest.fixture
def given_up(stripe, ada, ben, hour, confirmed):
    """``given_up(cleo, …)``: they wait for Ada's hour, and Ben gives his up; the booking that was his."""

    def make(*waiting):
        booking = confirmed(days=3)
        for who in waiting:
            waits(who, ada, hour)
        ben.cancel(booking)
        stripe.work()
        return booking

    return make


def test_an_hour_given_up_is_paid_by_who_waited_for_it(
    stripe, ben, cleo, hour, at, given_up, books_are_right
):
    was = given_up(cleo)
    (held,) = held_by(cleo)
    assert (held["starts_at"], held["hold_expires_at"]) == (was["starts_at"], instant_json(at(minutes=30)))
    assert ben.book(hour, at(days=3), status=409)["error"]["code"] == "slot_taken"
    mine = cleo.book(hour, at(days=3), status=200)
    assert mine["id"] == held["id"]
    stripe.pay(mine["checkout_session"])
    stripe.work()
    paid = cleo.booking(held)
    assert paid["state"] == "confirmed"
    assert cents(paid["order"]) == {
        **dict.fromkeys(("tax", "refunded", "lost", "goodwill"), 0),
        "paid": 12000,
        "kept": 12000,
        "coach_share": 9600,
        "platform_fee": 2400,
    }
    assert [line["by"] for line in paid["events"] if line["kind"] == "held"] == ["system"]
    assert cleo.get("me/waitlist/")["results"] == []
    books_are_right()


def test_a_page_that_was_opened_and_not_paid_passes_the_hour_on(
    stripe, cleo, speaks, hour, at, given_up, books_are_right
):
    """Cleo opens Stripe's page and goes to sleep: the page is closed before Dan gets his turn."""
    dan = speaks(person("Dan Waiting"))
    given_up(cleo, dan)
    cleo.book(hour, at(days=3), status=200)
    stripe.work(at(minutes=29))
    assert (len(held_by(cleo)), len(held_by(dan))) == (1, 0)
    stripe.work(at(minutes=31))
    (held,) = held_by(dan)
    assert (held_by(cleo), held["hold_expires_at"]) == ([], instant_json(at(minutes=61)))
    books_are_right()


def test_a_balance_that_covers_an_offered_hour_is_spent_by_a_yes_only(
    stripe, cleo, hour, at, given_up, books_are_right
):
    compensate(cleo.user, 12_000, currency="usd", source="a test", now=at())
    given_up(cleo)
    (held,) = held_by(cleo)
    assert held["to_pay"]["amount"] == 0
    stripe.work(at(minutes=20))
    assert cleo.booking(held)["state"] == "held"
    assert cleo.book(hour, at(days=3), status=200)["state"] == "confirmed"
    assert cents(cleo.booking(held)["order"])["paid"] == 12_000
    assert len(stripe.objects("checkout.session")) == 1, "Ben’s own"
    books_are_right()


def test_a_mentors_hour_is_offered_as_a_hold_though_it_costs_nothing(
    stripe, ada, ben, cleo, at, books_are_right
):
    chat = offer(ada.coach, price=0, name="Chat", now=at())
    booking = ben.book(chat, at(days=3))
    waits(cleo, ada, chat)
    ben.cancel(booking)
    stripe.work()
    (held,) = held_by(cleo)
    stripe.work(at(minutes=30))
    assert cleo.booking(held)["state"] == "expired"
    assert ben.book(chat, at(days=3))["state"] == "confirmed", "after who waited it is public"
    books_are_right()
