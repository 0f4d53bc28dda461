"""The pages of one session and of the coach's desk, before, during and after the hour."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def browser_of(person):
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def bens(ben):
    return browser_of(ben)


@pytest.fixture
def adas(ada):
    return browser_of(ada)


def page_of(booking, *rest):
    return "/".join(["", "sessions", booking["id"], *rest, ""])


LEVELS = {
    f"level-{skill}": "4"
    for skill in (
        "clarifying",
        "user-empathy",
        "segmentation",
        "creativity",
        "prioritisation",
        "communication",
    )
}
VERDICT = {
    "type": "product-design",
    "keep": "Asking who it is for.",
    "stop": "Listing features.",
    "start": "Naming the segment you leave out.",
    "drills": "",
    "evidence-clarifying": "Are these new sellers?",
    **LEVELS,
}


def test_before_the_session_both_sides_see_their_time_and_the_policy_in_money(bens, adas, confirmed):
    booking = confirmed(days=3)
    bens_page = shown(bens.get(page_of(booking)))
    assert "with <strong>Ada Okafor</strong>" in bens_page
    assert "Europe/Berlin (UTC+1)" in bens_page
    assert "100 % back" in bens_page
    assert "$60.00" in bens_page
    assert "invite.ics" in bens_page
    adas_page = shown(adas.get(page_of(booking)))
    assert "Ben Adler" in adas_page
    assert "$96.00" in adas_page
    assert "$60.00" not in adas_page


def test_a_stranger_finds_nothing(cleo, confirmed):
    booking = confirmed(days=3)
    stranger = browser_of(cleo)
    for rest in ((), ("cancel",), ("scorecard",), ("scorecard", "edit")):
        assert stranger.get(page_of(booking, *rest)).status_code == 404
    for rest in (("review",), ("accept",), ("decline",), ("cancel",)):
        assert stranger.post(page_of(booking, *rest)).status_code == 404
    assert stranger.get("/desk/").status_code == 404


def test_the_room_opens_ten_minutes_before(stripe, bens, confirmed, at):
    booking = confirmed(days=3)
    assert "Join Ada Okafor" not in shown(bens.get(page_of(booking)))
    stripe.set_clock(at(days=3, minutes=-10))
    assert "Join Ada Okafor" in shown(bens.get(page_of(booking)))


def test_cancelling_says_first_what_comes_back_and_does_what_it_said(stripe, bens, ben, confirmed, at):
    booking = confirmed(days=3)
    stripe.set_clock(at(days=2, hours=12))
    page = shown(bens.get(page_of(booking, "cancel")))
    assert "Cancel, $60.00 back" in page
    assert bens.post(page_of(booking, "cancel")).url == page_of(booking)
    assert ben.booking(booking)["order"]["refunded"]["amount"] == 6_000
    after = shown(bens.get(page_of(booking)))
    assert "This session was cancelled." in after
    assert "$60.00" in after
    assert bens.get(page_of(booking, "cancel")).url == page_of(booking)


def test_from_the_start_on_nothing_is_cancelled(stripe, bens, confirmed, at):
    booking = confirmed(days=3)
    stripe.set_clock(at(days=3))
    answer = bens.get(page_of(booking, "cancel"), follow=True)
    assert "has begun" in shown(answer)


def test_the_scorecard_waits_for_the_start_and_then_moves_the_day_of_payment(
    stripe, bens, adas, ada, confirmed, at
):
    booking = confirmed(days=3)
    early = adas.get(page_of(booking, "scorecard", "edit"), follow=True)
    assert "from the start of the session on" in shown(early)
    stripe.work(at(days=3, hours=2))
    assert "Scorecards you owe" in shown(adas.get("/desk/"))

    half = {name: text for name, text in VERDICT.items() if name != "level-creativity"}
    refused = shown(adas.post(page_of(booking, "scorecard", "edit"), half), status=400)
    assert "Choose a level." in refused
    assert "Naming the segment you leave out." in refused

    done = adas.post(page_of(booking, "scorecard", "edit"), VERDICT)
    assert done.url == page_of(booking, "scorecard")
    for reader in (bens, adas):
        card = shown(reader.get(page_of(booking, "scorecard")))
        assert "Are these new sellers?" in card
        assert "Strong" in card
    (line,) = ada.get("me/earnings/")["lines"]
    assert line["release_at"] == "2026-11-30T14:00:00Z"
    assert "Scorecards you owe" not in shown(adas.get("/desk/"))
    assert bens.get(page_of(booking, "scorecard", "edit")).status_code == 404


def test_a_review_is_written_once_the_session_took_place(stripe, bens, confirmed, at):
    booking = confirmed(days=3)
    early = bens.post(page_of(booking, "review"), {"rating": "5", "text": "Good."}, follow=True)
    assert "once it has taken place" in shown(early)
    stripe.work(at(days=3, hours=2))
    assert bens.post(page_of(booking, "review"), {"rating": "9"}).status_code == 400
    bens.post(page_of(booking, "review"), {"rating": "5", "text": "She quotes you."})
    assert "She quotes you." in shown(bens.get(page_of(booking)))
    assert "She quotes you." not in shown(bens.get("/coaching/ada-okafor/"))
    stripe.work(at(days=10, hours=2))
    assert "She quotes you." in shown(bens.get("/coaching/ada-okafor/"))


def test_a_request_is_answered_from_the_desk(stripe, bens, adas, ben, asked_hour, at):
    booking = ben.book(asked_hour, at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    assert "waits for your answer" in shown(adas.get(page_of(booking)))
    assert "Ben Adler" in shown(adas.get("/desk/requests/"))
    assert bens.post(page_of(booking, "accept")).status_code == 302
    assert ben.booking(booking)["state"] == "requested"
    adas.post(page_of(booking, "accept"))
    assert ben.booking(booking)["state"] == "confirmed"


def test_a_refused_request_gives_all_of_the_money_back(stripe, bens, adas, ben, asked_hour, at):
    booking = ben.book(asked_hour, at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    assert "Say in a sentence" in shown(adas.post(page_of(booking, "decline"), {}, follow=True))
    adas.post(page_of(booking, "decline"), {"reason": "I am on a plane."})
    assert "I am on a plane." in shown(bens.get(page_of(booking)))
    assert ben.booking(booking)["order"]["refunded"]["amount"] == 12_000


def test_my_sessions_are_ahead_or_past(stripe, bens, confirmed, at):
    assert "No session ahead" in shown(bens.get("/sessions/"))
    booking = confirmed(days=3)
    assert page_of(booking) in shown(bens.get("/sessions/"))
    assert page_of(booking) not in shown(bens.get("/sessions/?past=1"))
    stripe.work(at(days=3, hours=2))
    assert page_of(booking) not in shown(bens.get("/sessions/"))
    assert page_of(booking) in shown(bens.get("/sessions/?past=1"))


def test_the_past_has_what_was_promised_and_no_hold_that_was_let_go(stripe, bens, ben, hour, asked_hour, at):
    let_go = ben.book(hour, at(days=3))
    ben.cancel(let_go)
    request = ben.book(asked_hour, at(days=3))
    stripe.pay(request["checkout_session"])
    stripe.work(at(days=2, hours=23))
    assert ben.booking(request)["state"] == "expired"
    past = shown(bens.get("/sessions/?past=1"))
    assert page_of(request) in past
    assert page_of(let_go) not in past


def test_the_week_shows_what_is_open_and_who_comes(adas, confirmed):
    booking = confirmed(days=3)
    week = shown(adas.get("/desk/calendar/?on=2026-11-27"))
    assert page_of(booking) in week
    assert "Ben Adler" in week
    assert "Week of Monday 23 November" in week
    assert "Nothing in this week" in shown(adas.get("/desk/calendar/?on=2024-01-01"))
    for nonsense in ("", "?on=soon", "?on=9999-99-99", "?on=0001-01-01"):
        assert "Week of Monday 23 November" in shown(adas.get(f"/desk/calendar/{nonsense}"))


def test_earnings_explain_each_session_to_the_cent(stripe, adas, confirmed, at):
    assert "No earnings yet" in shown(adas.get("/desk/earnings/"))
    confirmed(days=3)
    page = shown(adas.get("/desk/earnings/"))
    for amount in ("$120.00", "−$24.00", "$96.00"):
        assert amount in page
    assert "Held until Fri 4 Dec, 13:00" in page
    stripe.work(at(days=20))
    assert "Paid" in shown(adas.get("/desk/earnings/"))


def test_offers_are_made_changed_and_taken_off(adas, ada):
    new = {
        "name": "Deep dive",
        "kind": "session",
        "duration_minutes": "90",
        "price": "149.90",
        "active": "on",
    }
    assert adas.post("/desk/offers/", new).status_code == 302
    made = ada.coach.offers.get(name="Deep dive")
    assert (made.price, made.slug) == (14_990, "deep-dive")
    assert "149.90" in shown(adas.get(f"/desk/offers/{made.pk}/"))
    cheap = shown(adas.post(f"/desk/offers/{made.pk}/", {**new, "price": "0.10"}), status=400)
    assert "at least" in cheap
    adas.post(f"/desk/offers/{made.pk}/remove/")
    assert not ada.coach.offers.filter(pk=made.pk).exists()
