"""Three Tuesdays as one order: held, paid, given up one by one; each session has its own money."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.instants import instant_json
from tests.flows.money import cents, dollars
from tests.marketplace.cast import offer

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)
WHOLE = {"paid": 12000, "tax": 0, "refunded": 0, "lost": 0, "kept": 12000, "goodwill": 0}
PROMISED = {**WHOLE, "coach_share": 9600, "platform_fee": 2400}
HALF = {**WHOLE, "refunded": 6000, "kept": 6000, "coach_share": 4800, "platform_fee": 1200}
BACK = {**WHOLE, "refunded": 12000, "kept": 0, "coach_share": 0, "platform_fee": 0}


@pytest.fixture
def tuesdays(at):
    """Three Tuesdays at noon, the first a week from now."""
    return [at(days=7) + WEEK * week for week in range(3)]


@pytest.fixture
def ask(ben, hour):
    """Ben asks for a series of Ada's hour."""

    def post(starts, *, what=hour, status=201, by=ben, **more):
        wish = {"offer": str(what.pk), "starts": [instant_json(start) for start in starts]}
        return by.post("bookings/series/", {**wish, "timezone": "Europe/Berlin", **more}, status=status)

    return post


@pytest.fixture
def paid(stripe, ask, tuesdays):
    """The three bookings of the series after Ben paid for all of it."""
    made = ask(tuesdays)
    stripe.pay(made["checkout_session"])
    stripe.work()
    return made["bookings"]


def states(person, bookings):
    return [person.booking(booking)["state"] for booking in bookings]


def money_of(person, bookings):
    return [cents(person.booking(booking)["order"]) for booking in bookings]


def test_three_sessions_are_one_order_with_one_page_to_pay(stripe, ben, ada, ask, tuesdays, books_are_right):
    made = ask(tuesdays)
    assert [booking["starts_at"] for booking in made["bookings"]] == [instant_json(at) for at in tuesdays]
    assert (made["price"], made["to_pay"], made["failed"]) == (dollars(36000), dollars(36000), [])
    for number, booking in enumerate(made["bookings"], start=1):
        assert (booking["state"], booking["price"], booking["to_pay"]) == (
            "held",
            dollars(12000),
            dollars(12000),
        )
        assert booking["series"] == {"id": made["id"], "number": number, "of": 3}
        assert booking["checkout_session"] == made["checkout_session"]
    assert len(stripe.objects("checkout.session")) == 1
    assert stripe.pay(made["checkout_session"])["amount_total"] == 36000
    stripe.work()
    assert states(ben, made["bookings"]) == ["confirmed"] * 3
    assert money_of(ben, made["bookings"]) == [PROMISED] * 3
    assert ada.get("me/earnings/")["held"] == 28800
    books_are_right()


def test_the_same_series_again_is_the_one_that_is_held(ben, ask, tuesdays):
    made = ask(tuesdays)
    again = ask(tuesdays[::-1], status=200)
    assert (again["id"], again["bookings"]) == (made["id"], made["bookings"])
    other = ask(tuesdays[:2])
    assert other["id"] != made["id"]
    assert states(ben, made["bookings"]) == ["cancelled"] * 3


def test_giving_up_one_of_three_gives_back_half_of_its_own_part(
    stripe, ben, ada, paid, tuesdays, books_are_right
):
    stripe.work(tuesdays[0] - timedelta(hours=3))
    answer = ben.cancel(paid[0])
    assert (answer["rule"], answer["refund"], answer["coach_share"]) == ("half", dollars(6000), dollars(4800))
    assert ben.cancel(paid[0])["refund"] == dollars(6000), "twice is once"
    stripe.work()
    assert states(ben, paid) == ["cancelled", "confirmed", "confirmed"]
    assert money_of(ben, paid) == [HALF, PROMISED, PROMISED]
    assert [refund["amount"] for refund in stripe.objects("refund")] == [6000]
    assert ada.get("me/earnings/")["held"] == 4800 + 9600 + 9600
    books_are_right()


def test_the_coach_gives_up_one_and_only_its_money_goes_back(
    stripe, ben, ada, paid, tuesdays, books_are_right
):
    stripe.work(tuesdays[1] - timedelta(hours=30))
    answer = ada.cancel(paid[1])
    assert (answer["rule"], answer["refund"]) == ("coach", dollars(12000))
    stripe.work()
    assert money_of(ben, paid) == [PROMISED, BACK, PROMISED]
    # Ten per cent of what was paid for that session, on Ben's balance.
    assert ben.post("bookings/series/", _wish(paid, tuesdays), status=201)["to_pay"] == dollars(10800)
    books_are_right()


def _wish(bookings, starts):
    return {
        "offer": bookings[0]["offer"],
        "starts": [instant_json(starts[1] + timedelta(hours=2))],
        "timezone": "UTC",
    }


def test_shares_of_a_series_are_due_one_after_the_other(stripe, ada, paid, tuesdays, books_are_right):
    stripe.work(tuesdays[0] + timedelta(hours=1, days=7))
    lines = ada.get("me/earnings/")["lines"]
    assert sorted(line["state"] for line in lines) == ["held", "held", "transferred"]
    assert [(line["gross"], line["fee"], line["net"]) for line in lines] == [(12000, 2400, 9600)] * 3
    assert {line["booking"] for line in lines} == {booking["id"] for booking in paid}
    books_are_right()


def test_one_taken_start_refuses_all_of_it_and_every_failure_is_named(
    ben, cleo, ada, hour, ask, tuesdays, books_are_right
):
    cleo.book(hour, tuesdays[1])
    off_grid = tuesdays[2] + timedelta(minutes=7)
    refused = ask([tuesdays[0], tuesdays[1], off_grid], status=409)["error"]
    assert (refused["code"], len(refused["alternatives"])) == ("slot_taken", 3)
    assert [(one["starts_at"], one["code"], one.get("reason")) for one in refused["failed"]] == [
        (instant_json(tuesdays[1]), "slot_taken", None),
        (instant_json(off_grid), "slot_unavailable", "off_grid"),
    ]
    assert ben.get("bookings/")["count"] == 0
    books_are_right()


def test_partial_takes_what_can_be_had_and_tells_the_rest(
    stripe, ben, cleo, hour, ask, tuesdays, books_are_right
):
    cleo.book(hour, tuesdays[1])
    made = ask(tuesdays, partial=True)
    assert [booking["starts_at"] for booking in made["bookings"]] == [
        instant_json(tuesdays[0]),
        instant_json(tuesdays[2]),
    ]
    assert [(one["starts_at"], one["code"]) for one in made["failed"]] == [
        (instant_json(tuesdays[1]), "slot_taken")
    ]
    assert made["to_pay"] == dollars(24000)
    again = ask(tuesdays, partial=True, status=200)
    assert (again["id"], again["failed"]) == (made["id"], made["failed"])
    stripe.pay(made["checkout_session"])
    stripe.work()
    assert money_of(ben, made["bookings"]) == [PROMISED] * 2
    books_are_right()


def test_partial_of_which_nothing_can_be_had_is_refused(ben, cleo, hour, ask, tuesdays):
    cleo.book(hour, tuesdays[0])
    refused = ask(tuesdays[:1], partial=True, status=409)["error"]
    assert (refused["code"], [one["code"] for one in refused["failed"]]) == ("slot_taken", ["slot_taken"])
    assert ben.get("bookings/")["count"] == 0


def test_one_of_which_the_others_failed_is_no_series(ben, cleo, hour, ask, tuesdays):
    cleo.book(hour, tuesdays[0])
    made = ask(tuesdays[:2], partial=True)
    assert [booking["series"] for booking in made["bookings"]] == [None]
    assert (made["to_pay"], len(made["failed"])) == (dollars(12000), 1)
    assert ask(tuesdays[:2], partial=True, status=200)["bookings"] == made["bookings"]


def test_a_held_series_is_extended_and_released_as_one(stripe, ben, ask, tuesdays, at, books_are_right):
    made = ask(tuesdays)
    ben.post(f"bookings/{made['bookings'][1]['id']}/extend-hold/")
    assert {ben.booking(booking)["hold_expires_at"] for booking in made["bookings"]} == {
        instant_json(at(minutes=15))
    }
    ben.cancel(made["bookings"][2])
    stripe.work()
    assert states(ben, made["bookings"]) == ["cancelled"] * 3
    assert stripe.objects("checkout.session")[0]["status"] == "expired"
    books_are_right()


def test_a_series_that_was_paid_and_given_up_at_once_goes_back_whole(
    stripe, ben, ask, tuesdays, books_are_right
):
    made = ask(tuesdays)
    stripe.pay(made["checkout_session"])
    ben.cancel(made["bookings"][0])
    stripe.work()
    assert states(ben, made["bookings"]) == ["cancelled"] * 3
    assert money_of(ben, made["bookings"]) == [BACK] * 3
    books_are_right()


def test_a_lapsed_series_expires_as_one_and_its_balance_is_free(
    stripe, ben, ada, paid, ask, tuesdays, at, books_are_right
):
    stripe.work(tuesdays[0] - timedelta(hours=30))
    ada.cancel(paid[0])
    held = ask([start + timedelta(hours=3) for start in tuesdays[1:]])
    assert held["to_pay"] == dollars(24000 - 1200)
    assert [booking["to_pay"] for booking in held["bookings"]] == [dollars(11400), dollars(11400)]
    stripe.work(tuesdays[0] - timedelta(hours=29))
    assert states(ben, held["bookings"]) == ["expired"] * 2
    assert ask([tuesdays[1] + timedelta(hours=3)])["to_pay"] == dollars(10800)
    books_are_right()


def test_a_late_payment_keeps_what_is_still_free_and_returns_the_rest(
    stripe, ben, cleo, hour, ask, tuesdays, at, books_are_right
):
    made = ask(tuesdays)
    stripe.fault("drop_webhook", "*", times=99)
    stripe.pay(made["checkout_session"])
    stripe.fault("reset", "* /v1/checkout/sessions*", times=999)
    # Stripe cannot be asked: 45 minutes on the page counts as closed, and the times are anybody's.
    stripe.work(at(minutes=46))
    assert states(ben, made["bookings"]) == ["expired"] * 3
    stripe.lift_faults()
    stripe.pay(cleo.book(hour, tuesdays[1])["checkout_session"])
    stripe.work(at(hours=3))
    assert states(ben, made["bookings"]) == ["confirmed", "expired", "confirmed"]
    assert money_of(ben, made["bookings"]) == [PROMISED, BACK, PROMISED]
    assert [refund["amount"] for refund in stripe.objects("refund")] == [12000]
    page = ben.client.get(f"/sessions/{made['bookings'][1]['id']}/paid/")
    assert page.status_code == 410
    assert "One of 3 sessions" in page.content.decode()
    books_are_right()


def test_each_request_of_a_series_is_answered_by_itself(
    stripe, ben, ada, asked_hour, ask, tuesdays, books_are_right
):
    made = ask(tuesdays, what=asked_hour)
    stripe.pay(made["checkout_session"])
    stripe.work()
    one, two, three = made["bookings"]
    assert states(ben, made["bookings"]) == ["requested"] * 3
    ada.post(f"bookings/{one['id']}/accept/")
    ada.post(f"bookings/{two['id']}/decline/", {"reason": "Away."})
    stripe.work()
    assert money_of(ben, made["bookings"]) == [PROMISED, BACK, PROMISED]
    # Nobody answers the third: it lapses after two days, and only its money goes back.
    stripe.work(tuesdays[0] - timedelta(days=4))
    assert states(ben, made["bookings"]) == ["confirmed", "declined", "expired"]
    assert money_of(ben, made["bookings"]) == [PROMISED, BACK, BACK]
    assert three["price"] == dollars(12000)
    books_are_right()


def test_a_series_that_costs_nothing_is_confirmed_at_once(ben, ada, ask, tuesdays, now, books_are_right):
    free = offer(ada.coach, price=0, name="Chat", now=now)
    made = ask(tuesdays, what=free)
    assert [booking["state"] for booking in made["bookings"]] == ["confirmed"] * 3
    assert (made["to_pay"], made["checkout_url"]) == (dollars(0), None)
    books_are_right()


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"starts": []}, ["starts"]),
        ({"starts": "tomorrow"}, ["starts"]),
        ({"starts": ["2026-12-01T12:00:00Z"] * 2}, ["starts"]),
        ({"starts": [f"2026-12-{day:02}T12:00:00Z" for day in range(1, 28)]}, ["starts"]),
        ({"starts": ["noon"]}, ["starts"]),
        ({"offer": "999999"}, ["offer"]),
        ({"partial": "perhaps"}, ["partial"]),
        ({"weeks": 3}, ["weeks"]),
        ({"timezone": "Mars/Base"}, ["timezone"]),
    ],
    ids=["none", "a word", "twice", "27", "no instant", "no offer", "no bool", "unknown", "no zone"],
)
def test_what_is_no_series_is_invalid(ben, hour, tuesdays, change, fields):
    wish = {"offer": str(hour.pk), "starts": [instant_json(tuesdays[0])], "timezone": "UTC", **change}
    refused = ben.post("bookings/series/", wish, status=400)["error"]
    assert (refused["code"], sorted(refused["fields"])) == ("invalid", fields)


def test_a_strangers_series_is_not_there(cleo, paid):
    for booking in paid:
        assert cleo.client.get(f"/api/v1/bookings/{booking['id']}/").status_code == 404
        refused = cleo.client.post(f"/api/v1/bookings/{booking['id']}/cancel/", {}, format="json")
        assert refused.status_code == 404


def test_nobody_books_a_series_with_himself(ada, ask, tuesdays):
    assert ask(tuesdays, by=ada, status=409)["error"]["code"] == "own_coach"


def test_a_series_is_one_of_three_unpaid_orders(ben, ada, hour, ask, tuesdays, now, speaks):
    ask(tuesdays)
    mine = ben.get("bookings/", state="held")["results"]
    assert len(mine) == 3
    assert len({booking["series"]["id"] for booking in mine}) == 1


def test_the_list_takes_as_many_questions_however_long_a_series_is(
    ben, ask, tuesdays, django_assert_max_num_queries
):
    ask([tuesdays[0] + timedelta(days=day) for day in range(12)])
    with django_assert_max_num_queries(8):
        assert ben.get("bookings/")["count"] == 12
