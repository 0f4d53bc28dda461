"""The main journey: hold, pay, meet, scorecard, release, payout."""

from __future__ import annotations

import pytest

from tests.flows.money import cents, dollars

pytestmark = pytest.mark.django_db


def test_hold_pay_and_confirm(stripe, ben, ada, hour, at, books_are_right):
    held = ben.book(hour, at(days=3), answers={"target_company": "Google"})
    assert (held["state"], held["price"], held["to_pay"]) == ("held", dollars(12000), dollars(12000))
    assert held["hold_expires_at"] == "2026-11-24T12:10:00Z"
    assert held["policy"]["tiers"] == [
        {"from_hours": 24, "refund_percent": 100},
        {"from_hours": 2, "refund_percent": 50},
        {"from_hours": 0, "refund_percent": 0},
    ]
    assert ben.book(hour, at(days=3), status=200)["id"] == held["id"]

    stripe.pay(held["checkout_session"])
    assert ben.booking(held)["state"] == "held"
    stripe.work()

    booking = ben.booking(held)
    assert (booking["state"], booking["to_pay"], booking["checkout_url"]) == ("confirmed", dollars(0), None)
    assert booking["answers"]["target_company"] == "Google"
    assert [(event["kind"], event["by"]) for event in booking["events"]] == [
        ("held", "candidate"),
        ("confirmed", "system"),
    ]
    assert cents(booking["order"]) == {
        "paid": 12000,
        "tax": 0,
        "refunded": 0,
        "lost": 0,
        "kept": 12000,
        "goodwill": 0,
        "coach_share": 9600,
        "platform_fee": 2400,
    }
    assert ada.booking(held)["order"] == booking["order"]
    assert "invariants hold" in books_are_right()


def test_the_whole_way_to_the_coachs_bank(stripe, ben, ada, confirmed, at, books_are_right):
    booking = confirmed(days=3)
    stripe.work(at(days=3, hours=2))
    assert ben.booking(booking)["state"] == "completed"

    card = {
        "marks": [{"skill": "structure", "level": 4, "evidence": "First the user, then the goal."}],
        "keep": "Asking who it is for.",
        "stop": "Naming features before a goal.",
        "start": "Saying what you leave out.",
    }
    delivered = ada.send("put", f"bookings/{booking['id']}/scorecard/", card)
    # Two hours after the start, later than the end: 72 hours from the delivery.
    assert delivered["release_at"] == "2026-11-30T14:00:00Z"
    again = ada.send("put", f"bookings/{booking['id']}/scorecard/", {**card, "drills": "Three a day."})
    assert again["release_at"] == delivered["release_at"]

    stripe.work(at(days=6, hours=1, minutes=59))
    before = ada.get("me/earnings/")
    assert (before["held"], before["available"]) == (9600, 0)
    stripe.work(at(days=6, hours=2))
    after = ada.get("me/earnings/")
    assert (after["held"], after["available"] + after["in_transit"] + after["paid"]) == (0, 9600)
    [line] = after["lines"]
    assert (line["booking"], line["gross"], line["fee"], line["net"]) == (booking["id"], 12000, 2400, 9600)

    stripe.work(at(days=20))
    paid = ada.get("me/earnings/")
    assert (paid["available"], paid["in_transit"], paid["paid"]) == (0, 0, 9600)
    [line] = paid["lines"]
    [payout] = ada.get("me/payouts/")["results"]
    assert line["state"] == "paid"
    assert (payout["amount"], payout["state"], payout["id"]) == (dollars(9600), "paid", line["payout"])
    assert "invariants hold" in books_are_right()


def test_without_a_scorecard_the_share_is_due_a_week_after_the_end(
    stripe, ada, confirmed, at, books_are_right
):
    confirmed(days=3)
    stripe.work(at(days=10, minutes=59))
    assert ada.get("me/earnings/")["held"] == 9600
    stripe.work(at(days=10, hours=1))
    assert ada.get("me/earnings/")["held"] == 0
    books_are_right()
