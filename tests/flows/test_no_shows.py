"""Somebody does not come: who was there says so, a day passes or people decide, and the money follows."""

from __future__ import annotations

import pytest

from core.models import AuditLine
from payouts.models import Share
from tests.flows.money import cents, dollars

pytestmark = pytest.mark.django_db

BACK = {"refunded": 12000, "kept": 0, "coach_share": 0, "platform_fee": 0}
KEPT = {"refunded": 0, "kept": 12000, "coach_share": 9600, "platform_fee": 2400}


def money_of(person, booking):
    amounts = cents(person.booking(booking)["order"])
    return {name: amounts[name] for name in BACK}


def come(person, booking, **more):
    return person.post(f"bookings/{booking['id']}/here/", **more)


def report(person, booking, **more):
    return person.post(f"bookings/{booking['id']}/no-show/", {"comment": "Nobody."}, **more)


def dispute(person, booking, **more):
    said = {"reason": "cut_short", "comment": "Ten minutes, then silence."}
    return person.post(f"bookings/{booking['id']}/dispute/", said, **more)


def decide(olu, booking, outcome, **more):
    said = {"report": outcome, "reason": "Looked at by us."}
    return olu.post(f"operations/bookings/{booking['id']}/decide/", said, **more)


def share_state():
    return Share.objects.get().state


@pytest.fixture
def begun(stripe, confirmed, at):
    """A session in three days that has begun; ``at(days=3, …)`` is relative to its start."""
    booking = confirmed(days=3)
    stripe.set_clock(at(days=3))
    return booking


def test_a_coach_who_does_not_come_gives_everything_back_and_ten_per_cent_on_top(
    stripe, ben, ada, hour, begun, at, books_are_right
):
    come(ben, begun)
    stripe.set_clock(at(days=3, minutes=20))
    answer = report(ben, begun)
    assert answer["state"] == "confirmed"
    assert answer["reports"] == [
        {
            "kind": "no_show",
            "side": "candidate",
            "state": "open",
            "reason": "",
            "comment": "Nobody.",
            "made_at": "2026-11-27T12:20:00Z",
            "stands_at": "2026-11-28T12:20:00Z",
            "objection": "",
            "contested_at": None,
            "decision": "",
            "decided_at": None,
        }
    ]
    assert (share_state(), ada.get("me/earnings/")["frozen"]) == ("frozen", 9600)

    stripe.work(at(days=4, minutes=19))
    assert (ben.booking(begun)["state"], money_of(ben, begun)) == ("confirmed", KEPT)
    stripe.work(at(days=4, minutes=20))
    done = ben.booking(begun)
    assert (done["state"], money_of(ben, begun)) == ("no_show_coach", BACK)
    assert done["reports"][0]["state"] == "upheld"
    assert [event["kind"] for event in done["events"]][-3:] == ["here", "no_show_reported", "no_show_coach"]
    assert (share_state(), ada.get("me/earnings/")["held"]) == ("void", 0)
    assert [refund["amount"] for refund in stripe.objects("refund")] == [12000]

    again = ben.book(hour, at(days=9))
    assert again["to_pay"] == dollars(10800)
    books_are_right()


def test_a_candidate_who_does_not_come_pays_and_the_coach_is_due_three_days_after_the_end(
    stripe, ben, ada, begun, at, books_are_right
):
    come(ada, begun)
    stripe.set_clock(at(days=3, minutes=15))
    report(ada, begun)
    stripe.work(at(days=4, minutes=15))
    assert (ben.booking(begun)["state"], money_of(ben, begun)) == ("no_show_candidate", KEPT)
    (line,) = ada.get("me/earnings/")["lines"]
    assert (line["state"], line["release_at"]) == ("held", "2026-11-30T13:00:00Z")
    stripe.work(at(days=6, minutes=59))
    assert ada.get("me/earnings/")["held"] == 9600
    stripe.work(at(days=6, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    assert stripe.objects("refund") == []
    books_are_right()


def test_a_report_needs_that_its_maker_was_there(stripe, ben, ada, begun, at):
    come(ada, begun)
    stripe.set_clock(at(days=3, minutes=15))
    assert report(ben, begun, status=409)["error"]["code"] == "not_here"
    assert ben.booking(begun)["reports"] == []
    assert share_state() == "held"


def test_when_both_came_people_decide_and_upholding_moves_the_money(
    stripe, ben, ada, olu, begun, at, books_are_right
):
    come(ben, begun)
    come(ada, begun)
    stripe.set_clock(at(days=3, minutes=30))
    assert report(ben, begun)["reports"][0]["state"] == "contested"
    stripe.work(at(days=9))
    assert (ben.booking(begun)["state"], share_state()) == ("confirmed", "frozen")
    assert decide(olu, begun, "upheld")["state"] == "no_show_coach"
    assert decide(olu, begun, "upheld")["state"] == "no_show_coach"
    assert decide(olu, begun, "rejected", status=409)["error"]["code"] == "nothing_reported"
    stripe.work()
    assert money_of(ben, begun) == BACK
    assert len(stripe.objects("refund")) == 1
    books_are_right()


def test_a_report_that_is_rejected_leaves_everything_as_if_it_had_not_been(
    stripe, ben, ada, olu, begun, at, books_are_right
):
    come(ben, begun)
    come(ada, begun)
    stripe.set_clock(at(days=3, minutes=30))
    report(ben, begun)
    stripe.work(at(days=4))
    assert decide(olu, begun, "rejected")["state"] == "completed"
    assert (share_state(), money_of(ben, begun)) == ("held", KEPT)
    (line,) = ada.get("me/earnings/")["lines"]
    assert line["release_at"] == "2026-12-04T13:00:00Z"
    stripe.work(at(days=10, hours=1))
    assert (ada.get("me/earnings/")["held"], ben.booking(begun)["reports"][0]["decision"]) == (
        0,
        "Looked at by us.",
    )
    books_are_right()


def test_a_scorecard_written_while_a_report_is_open_counts_when_it_is_rejected(
    stripe, ben, ada, olu, begun, at, books_are_right
):
    come(ben, begun)
    come(ada, begun)
    stripe.set_clock(at(days=3, hours=1))
    report(ben, begun)
    card = {"marks": [{"skill": "structure", "level": 4}], "keep": "a", "stop": "b", "start": "c"}
    ada.send("put", f"bookings/{begun['id']}/scorecard/", card)
    stripe.work(at(days=8))
    assert (share_state(), ada.get("me/earnings/")["held"]) == ("frozen", 0)
    decide(olu, begun, "rejected")
    stripe.work()
    assert share_state() == "transferred"
    books_are_right()


def test_who_objects_within_a_day_sends_it_to_people(stripe, ben, ada, olu, begun, at, books_are_right):
    come(ben, begun)
    stripe.set_clock(at(days=3, minutes=20))
    report(ben, begun)
    said = ada.post(f"bookings/{begun['id']}/no-show/contest/", {"comment": "The room stayed shut."})
    assert [(it["state"], it["objection"]) for it in said["reports"]] == [
        ("contested", "The room stayed shut.")
    ]
    stripe.work(at(days=5))
    assert (ben.booking(begun)["state"], share_state()) == ("confirmed", "frozen")
    decide(olu, begun, "upheld")
    assert money_of(ben, begun) == BACK
    books_are_right()


def test_a_dispute_freezes_until_people_decide(stripe, ben, ada, olu, begun, at, books_are_right):
    stripe.work(at(days=3, hours=2))
    assert ben.booking(begun)["state"] == "completed"
    stripe.work(at(days=6, minutes=59))
    answer = dispute(ben, begun)
    assert (answer["reports"][0]["kind"], answer["reports"][0]["state"]) == ("dispute", "contested")
    stripe.work(at(days=30))
    assert (ben.booking(begun)["state"], share_state()) == ("completed", "frozen")
    decide(olu, begun, "upheld")
    stripe.work()
    assert (ben.booking(begun)["state"], money_of(ben, begun)) == ("no_show_coach", BACK)
    books_are_right()


def test_a_dispute_that_is_rejected_pays_the_coach(stripe, ben, ada, olu, begun, at, books_are_right):
    stripe.work(at(days=3, hours=2))
    dispute(ben, begun)
    stripe.work(at(days=30))
    decide(olu, begun, "rejected")
    stripe.work()
    assert (ben.booking(begun)["state"], share_state(), money_of(ben, begun)) == (
        "completed",
        "transferred",
        KEPT,
    )
    books_are_right()


def test_after_three_days_nothing_is_disputed_and_the_coach_is_paid(stripe, ben, ada, begun, at):
    stripe.work(at(days=6, hours=1))
    assert dispute(ben, begun, status=409)["error"]["code"] == "too_late"
    assert ada.post(f"bookings/{begun['id']}/dispute/", _said(), status=403)["error"]["code"] == "forbidden"


def test_an_upheld_dispute_of_a_share_that_was_paid_out_brings_it_back(
    stripe, ben, ada, olu, begun, at, books_are_right
):
    """The share left before its day, by another clock than ours: nothing is frozen, and nothing is lost."""
    stripe.work(at(days=3, hours=2))
    Share.objects.update(release_at=at(days=3, hours=2))
    stripe.work()
    assert share_state() == "transferred"
    dispute(ben, begun)
    decide(olu, begun, "upheld")
    stripe.work()
    assert (share_state(), money_of(ben, begun)) == ("void", BACK)
    # Ben's own, and what the coach's account gives back to ours.
    assert [refund["amount"] for refund in stripe.objects("refund")] == [12000, 9600]
    books_are_right()


def test_the_second_compensation_of_a_pair_waits_for_operations(
    stripe, ben, ada, olu, hour, confirmed, at, books_are_right
):
    for day in (3, 5):
        booking = confirmed(days=day)
        stripe.set_clock(at(days=day))
        come(ben, booking)
        stripe.set_clock(at(days=day, minutes=20))
        report(ben, booking)
        stripe.work(at(days=day + 1, minutes=20))
    (waiting,) = olu.get("operations/queues/")["compensations"]["results"]
    assert (waiting["booking"], waiting["amount"]) == (booking["id"], dollars(1200))
    # $12 of the first: the second was paid with it, and it came back with the rest.
    assert ben.book(hour, at(days=10))["to_pay"] == dollars(10800)
    for _ in range(2):
        olu.post(f"operations/compensations/{waiting['id']}/grant/", {"reason": "She was ill twice."})
    assert olu.get("operations/queues/")["compensations"]["results"] == []
    assert ben.book(hour, at(days=11))["to_pay"] == dollars(9600)
    assert AuditLine.objects.filter(action="compensation.granted").count() == 1
    books_are_right()


def _said():
    return {"reason": "cut_short", "comment": ""}
