"""Another time for a paid session, by the candidate or the coach, and what becomes of the money."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from core.instants import instant_json
from marketplace.domain import moving
from marketplace.queries.sessions import session_of
from payouts.models import Share
from tests.flows.money import cents, dollars

pytestmark = pytest.mark.django_db

FULL = {"refund": 12000, "kept": 0, "coach_share": 0, "platform_fee": 0}
HALF = {"refund": 6000, "kept": 6000, "coach_share": 4800, "platform_fee": 1200}


def move(person, booking, starts_at, *, status=200):
    wish = {"starts_at": instant_json(starts_at)}
    return person.post(f"bookings/{booking['id']}/reschedule/", wish, status=status)


def answer(person, booking, said, *, status=200):
    return person.post(f"bookings/{booking['id']}/reschedule/{said}/", status=status)


def outcome(person, booking, **more):
    said = person.cancel(booking, **more)
    return {**{name: said[name]["amount"] for name in FULL}, "rule": said["rule"]}


def test_a_moved_session_keeps_its_payment_and_is_paid_out_by_its_new_day(
    stripe, ben, ada, confirmed, at, books_are_right
):
    booking = confirmed(days=3)
    moved = move(ben, booking, at(days=5))
    assert (moved["starts_at"], moved["ends_at"]) == (
        instant_json(at(days=5)),
        instant_json(at(days=5, hours=1)),
    )
    assert move(ben, booking, at(days=5))["starts_at"] == moved["starts_at"], "twice is once"
    assert [event["kind"] for event in moved["events"]] == ["held", "confirmed", "moved"]
    assert cents(moved["order"])["paid"] == 12000
    assert len(stripe.objects("charge")) == 1
    # Seven days after its new end, for want of a scorecard; after its old one, nothing.
    stripe.work(at(days=10, hours=2))
    assert ada.get("me/earnings/")["held"] == 9600
    stripe.work(at(days=12, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    books_are_right()


def test_moved_away_meanwhile_and_moved_back_it_is_paid_out_by_the_day_it_has(ben, confirmed, at):
    booking = confirmed(days=3)
    read_before = session_of(ben.user, booking["id"])
    move(ben, booking, at(days=5))
    moving.move(read_before, at(days=3), by=ben.user, now=at())
    assert Share.objects.get().release_at == at(days=10, hours=1)


def test_the_old_time_is_for_sale_again_and_the_new_one_is_not(ben, cleo, hour, confirmed, at):
    booking = confirmed(days=3)
    move(ben, booking, at(days=5))
    taken = cleo.book(hour, at(days=5), status=409)
    assert taken["error"]["code"] == "slot_taken"
    assert cleo.book(hour, at(days=3))["state"] == "held"


def test_the_invite_keeps_its_uid_and_counts_up(ben, confirmed, at):
    booking = confirmed(days=3)

    def event():
        content = ben.client.get(f"/api/v1/bookings/{booking['id']}/invite.ics").content
        return Calendar.from_ical(content).walk("VEVENT")[0]

    before = event()
    move(ben, booking, at(days=5))
    after = event()
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], before["SEQUENCE"] + 1)
    assert after["DTSTART"].dt == at(days=5)


@pytest.mark.parametrize(
    ("before", "code"),
    [({"hours": 24}, None), ({"hours": 2}, None), ({"hours": 1, "minutes": 59}, "too_late_to_move")],
)
def test_a_candidate_moves_until_two_hours_before(stripe, ben, confirmed, at, before, code):
    booking = confirmed(days=3)
    stripe.work(at(days=3) - (at(**before) - at()))
    refused = move(ben, booking, at(days=6), status=409 if code else 200)
    assert refused.get("error", {}).get("code") == code


def test_after_a_late_move_a_cancellation_gives_half_though_it_is_days_ahead(
    stripe, ben, ada, confirmed, at, books_are_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=2, hours=12))
    assert ben.booking(booking)["may_move"]["late"] is True
    move(ben, booking, at(days=8))
    again = move(ben, booking, at(days=9))
    assert again["starts_at"] == instant_json(at(days=9)), "days ahead, it moves freely again"
    assert outcome(ben, booking, preview=True) == {**HALF, "rule": "half"}
    assert outcome(ben, booking) == {**HALF, "rule": "half"}
    stripe.work()
    assert sum(refund["amount"] for refund in stripe.objects("refund")) == 6000
    # Nobody writes a scorecard: 72 hours after the end that was agreed last.
    stripe.work(at(days=12, minutes=59))
    assert ada.get("me/earnings/")["held"] == 4800
    stripe.work(at(days=12, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    books_are_right()


def test_late_a_session_moves_once(stripe, ben, confirmed, at):
    booking = confirmed(days=3)
    stripe.work(at(days=2, hours=12))
    move(ben, booking, at(days=3, hours=2))
    assert move(ben, booking, at(days=3, hours=4), status=409)["error"]["code"] == "moved_already"
    assert ben.booking(booking)["may_move"] == {
        "allowed": False,
        "until": instant_json(at(days=2, hours=2)),
        "late": True,
        "needs_consent": False,
        "reason": "moved_already",
    }


def test_a_coach_asks_and_the_candidate_says_yes(stripe, ben, ada, confirmed, at, books_are_right):
    booking = confirmed(days=3)
    asked = move(ada, booking, at(days=4))
    assert asked["starts_at"] == instant_json(at(days=3))
    assert asked["proposal"] == {
        "starts_at": instant_json(at(days=4)),
        "proposed_at": instant_json(at()),
        "lapses_at": instant_json(at(days=2, hours=22)),
    }
    assert ben.booking(booking)["proposal"] == asked["proposal"]
    assert answer(ada, booking, "accept", status=403)["error"]["code"] == "forbidden"
    moved = answer(ben, booking, "accept")
    assert (moved["starts_at"], moved["proposal"]) == (instant_json(at(days=4)), None)
    assert answer(ben, booking, "accept")["starts_at"] == moved["starts_at"], "twice is once"
    # By consent it is no late move of his own.
    assert outcome(ben, booking, preview=True) == {**FULL, "rule": "full"}
    stripe.work(at(days=11, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    books_are_right()


def test_yes_to_a_time_that_somebody_else_bought_meanwhile_leaves_the_old_one(
    stripe, ben, ada, cleo, hour, confirmed, at
):
    booking = confirmed(days=3)
    move(ada, booking, at(days=4))
    cleo.book(hour, at(days=4))
    refused = answer(ben, booking, "accept", status=409)["error"]
    assert refused["code"] == "slot_taken"
    half_hours = ({"minutes": -90}, {"hours": -1}, {"hours": 1})
    assert refused["alternatives"] == [instant_json(at(days=4) + (at(**step) - at())) for step in half_hours]
    assert ben.booking(booking)["starts_at"] == instant_json(at(days=3))


def test_who_says_no_gets_everything_back_until_two_hours_before_and_nothing_on_top(
    stripe, ben, ada, hour, confirmed, at, books_are_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=2, hours=12))
    move(ada, booking, at(days=4))
    assert answer(ben, booking, "refuse")["starts_at"] == instant_json(at(days=3))
    assert answer(ben, booking, "refuse")["proposal"] is None
    stripe.work(at(days=2, hours=22))
    assert outcome(ben, booking) == {**FULL, "rule": "coach"}
    stripe.work()
    assert sum(refund["amount"] for refund in stripe.objects("refund")) == 12000
    # No compensation: the coach did not cancel.
    assert ben.book(hour, at(days=6))["to_pay"] == dollars(12000)
    books_are_right()


def test_who_says_no_and_waits_is_back_under_the_policy(stripe, ben, ada, confirmed, at, books_are_right):
    booking = confirmed(days=3)
    stripe.work(at(days=2, hours=12))
    move(ada, booking, at(days=4))
    answer(ben, booking, "refuse")
    stripe.work(at(days=2, hours=22, minutes=1))
    assert outcome(ben, booking)["rule"] == "none"
    books_are_right()


def test_a_proposal_that_nobody_answers_lapses(stripe, ben, ada, confirmed, at):
    booking = confirmed(days=3)
    move(ada, booking, at(days=4))
    stripe.work(at(days=2, hours=22))
    assert [event["kind"] for event in ben.booking(booking)["events"]][-1] == "move_lapsed"
    assert answer(ben, booking, "accept", status=409)["error"]["code"] == "no_proposal"
    assert outcome(ben, booking, preview=True) == {**HALF, "rule": "half"}
    refused = move(ada, booking, at(days=5), status=409)
    assert refused["error"]["code"] == "too_late_to_move"


def test_a_coach_takes_a_proposal_back(ben, ada, confirmed, at):
    booking = confirmed(days=3)
    move(ada, booking, at(days=4))
    assert answer(ben, booking, "withdraw", status=403)["error"]["code"] == "forbidden"
    assert answer(ada, booking, "withdraw")["proposal"] is None
    assert answer(ben, booking, "refuse", status=409)["error"]["code"] == "no_proposal"


def test_a_request_is_withdrawn_not_moved(stripe, ben, ada, asked_hour, at):
    booking = ben.book(asked_hour, at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    for person in (ben, ada):
        refused = move(person, booking, at(days=4), status=409)
        assert refused["error"]["code"] == "illegal_state"


def test_a_posted_time_that_is_no_slot_is_refused(ben, ada, confirmed, at):
    booking = confirmed(days=3)
    refused = move(ben, booking, at(days=3, minutes=7), status=409)["error"]
    assert (refused["code"], refused["reason"]) == ("slot_unavailable", "off_grid")
    for wish in ({}, {"starts_at": "tomorrow"}, {"starts_at": instant_json(at(days=4)), "why": "!"}):
        assert ben.post(f"bookings/{booking['id']}/reschedule/", wish, status=400)["error"]["fields"]
    same = {"starts_at": instant_json(at(days=3))}
    assert ada.post(f"bookings/{booking['id']}/reschedule/", same, status=400)["error"]["code"] == "invalid"


def test_strangers_find_nothing_to_move(ben, ada, cleo, confirmed, at):
    booking = confirmed(days=3)
    move(ada, booking, at(days=4))
    move(cleo, booking, at(days=5), status=404)
    for said in ("accept", "refuse", "withdraw"):
        answer(cleo, booking, said, status=404)
    assert ben.booking(booking)["proposal"]["starts_at"] == instant_json(at(days=4))
