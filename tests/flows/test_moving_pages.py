"""The pages on which a session is moved, asked to move, and answered."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from core.instants import instant_json
from tests.marketplace.cast import AROUND_THE_CLOCK, coach, offer, person

pytestmark = pytest.mark.django_db


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


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


@pytest.fixture
def booking(confirmed):
    return confirmed(days=3)


def page_of(booking, *rest):
    return "/".join(["", "sessions", booking["id"], *rest, ""])


def choose(client, booking, starts_at):
    return client.post(page_of(booking, "move"), {"starts_at": instant_json(starts_at)})


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def start_of(person, booking):
    return person.booking(booking)["starts_at"]


def test_a_candidate_moves_from_the_picker(bens, ben, booking, at):
    session = shown(bens.get(page_of(booking)))
    assert "Move to another time" in session
    page = shown(bens.get(page_of(booking, "move"), {"day": at(days=5).date().isoformat()}))
    assert f'value="{instant_json(at(days=5))}"' in page
    assert 'data-names="Move to {slot}"' in page
    assert "What you paid moves with it" in page
    assert f'action="{page_of(booking, "move")}"' in page
    answer = choose(bens, booking, at(days=5))
    assert answer.url == page_of(booking)
    assert said(answer) == ["Moved. Both of you get a mail with an update for the calendar."]
    assert start_of(ben, booking) == instant_json(at(days=5))
    assert "Moved</" in shown(bens.get(page_of(booking)))


def test_the_picker_leaves_out_the_time_it_has_and_offers_what_overlaps_it(bens, booking, at):
    page = shown(bens.get(page_of(booking, "move")))
    assert "Friday 27 November" in page, "the day that it has"
    assert f'value="{instant_json(at(days=3))}"' not in page
    assert f'value="{instant_json(at(days=3, minutes=30))}"' in page


def test_each_side_reads_what_the_other_ones_clock_says(bens, adas, booking, at):
    chosen = {"start": instant_json(at(days=5))}
    mine = shown(bens.get(page_of(booking, "move"), chosen))
    assert "12:00 in UTC for Ada. What you paid moves with it" in mine
    assert "Ada is in UTC (UTC+0)." in mine
    assert "Connect your calendar" in mine
    hers = shown(adas.get(page_of(booking, "move"), chosen))
    assert "13:00 in Berlin for Ben. Ben has until" in hers
    assert "Ben is in Europe/Berlin (UTC+1)." in hers
    assert "Connect your calendar" not in hers, "what it holds closes her times already"


def test_htmx_gets_the_picker_alone(bens, booking):
    answer = bens.get(page_of(booking, "move"), headers={"HX-Request": "true"})
    assert "<h1" not in shown(answer)
    assert 'id="picker"' in shown(answer)


def test_the_picker_shows_the_length_and_the_price_that_were_booked(bens, ada, hour, booking, at):
    ada.send("patch", f"me/offers/{hour.pk}/", {"price": {"amount": 20000, "currency": "usd"}})
    page = shown(bens.get(page_of(booking, "move")))
    assert "$120" in page
    assert "$200" not in page


def test_a_late_move_says_first_what_it_costs(stripe, bens, booking, at):
    stripe.set_clock(at(days=2, hours=12))
    page = shown(bens.get(page_of(booking, "move")))
    assert "Less than 24 hours are left" in page
    assert "50 % back at most" in page
    choose(bens, booking, at(days=8))
    session = shown(bens.get(page_of(booking)))
    assert "50 % back is the most there is now" in session
    assert "100 % back" not in session
    assert "You moved this session shortly before" in shown(bens.get(page_of(booking, "cancel")))


def test_a_time_that_was_taken_meanwhile_is_answered_with_the_nearest(bens, ben, cleo, hour, booking, at):
    cleo.book(hour, at(days=5))
    answer = choose(bens, booking, at(days=5))
    page = shown(answer, 409)
    assert "Somebody else was faster" in page
    assert page.count('aria-label="Move to') == 3
    assert start_of(ben, booking) == instant_json(at(days=3))


def test_a_time_at_which_one_is_busy_elsewhere_names_the_session(bens, ben, booking, at, now):
    mia = coach(person("Mia Lindqvist"), kind="mentor", **AROUND_THE_CLOCK, now=now)
    elsewhere = ben.book(offer(mia, price=0, now=now), at(days=6))
    page = shown(choose(bens, booking, at(days=6)), 409)
    assert "You already have a session at that time." in page
    assert page_of(elsewhere) in page


def test_what_is_no_slot_is_refused_in_words(bens, booking, at):
    page = shown(choose(bens, booking, at(days=70)), 409)
    assert "This time cannot be booked." in page
    assert "It lies further ahead than bookings are open." in page


@pytest.mark.parametrize("posted", [{}, {"starts_at": "soon"}])
def test_without_a_choice_the_picker_comes_back(bens, booking, posted):
    answer = bens.post(page_of(booking, "move"), posted)
    assert answer.url == page_of(booking, "move")
    assert said(answer) == ["Choose a time first."]


def test_where_it_is_too_late_there_is_no_picker(stripe, bens, adas, booking, at):
    stripe.set_clock(at(days=2, hours=23))
    for client in (bens, adas):
        assert "another time" not in shown(client.get(page_of(booking)))
        for answer in (client.get(page_of(booking, "move")), choose(client, booking, at(days=5))):
            assert answer.url == page_of(booking)
            assert said(answer)[-1] == "It is too late to move this session."


def test_a_coach_asks_and_sees_that_it_waits(adas, bens, ben, booking, at):
    page = shown(adas.get(page_of(booking, "move")))
    assert "Ask Ben for another time" in page
    assert "Ben has until" in page
    assert "For Ben that is" in page
    answer = choose(adas, booking, at(days=4))
    assert said(answer) == ["Asked. The session stays at its time until you have an answer."]
    assert "You asked Ben Adler for" in shown(adas.get(page_of(booking)))
    assert "Another time asked for" in shown(bens.get("/sessions/"))
    bens_page = shown(bens.get(page_of(booking)))
    assert "Ada asks for another time" in bens_page
    assert "Move to Sat 13:00" in bens_page
    assert "Keep Fri 13:00" in bens_page


def test_yes_moves_it(adas, bens, ben, booking, at):
    choose(adas, booking, at(days=4))
    answer = bens.post(page_of(booking, "move", "accept"))
    assert answer.url == page_of(booking)
    assert start_of(ben, booking) == instant_json(at(days=4))
    assert "asks for another time" not in shown(bens.get(page_of(booking)))
    assert "Another time asked for" not in shown(bens.get("/sessions/"))


def test_yes_to_a_time_that_is_gone_says_that_the_old_one_stands(adas, bens, ben, cleo, hour, booking, at):
    choose(adas, booking, at(days=4))
    cleo.book(hour, at(days=4))
    answer = bens.post(page_of(booking, "move", "accept"))
    assert said(answer)[-1].endswith("Your session stays at its time.")
    assert start_of(ben, booking) == instant_json(at(days=3))


def test_no_keeps_it_and_lets_one_cancel_whole(stripe, adas, bens, ben, booking, at):
    stripe.set_clock(at(days=2, hours=12))
    choose(adas, booking, at(days=4))
    assert said(bens.post(page_of(booking, "move", "refuse"))) == ["Your session stays at its time."]
    session = shown(bens.get(page_of(booking)))
    assert "100 % back" in session
    assert "50 % back" not in session
    cancel = shown(bens.get(page_of(booking, "cancel")))
    assert "Ada Okafor wanted to move it and you kept your time: everything goes back." in cancel
    assert "$120.00" in cancel


def test_a_coach_withdraws(adas, bens, booking, at):
    choose(adas, booking, at(days=4))
    answer = adas.post(page_of(booking, "move", "withdraw"))
    assert said(answer)[-1] == "Withdrawn. The session stays at its time."
    assert "asks for another time" not in shown(bens.get(page_of(booking)))
    assert said(bens.post(page_of(booking, "move", "refuse")))[0].startswith("There is no proposal")


def test_strangers_find_no_page_of_it(cleo, booking):
    stranger = browser_of(cleo)
    assert stranger.get(page_of(booking, "move")).status_code == 404
    for rest in ("", "accept", "refuse", "withdraw"):
        parts = [part for part in ("move", rest) if part]
        assert stranger.post(page_of(booking, *parts)).status_code == 404
    assert "/login/" in Client().get(page_of(booking, "move")).url
