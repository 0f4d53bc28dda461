"""A person's sessions as a calendar to follow, at an address nobody guesses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from icalendar import Calendar

from core import clock
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.invitation import invitation
from scheduling.domain.arrows import lock_booking
from scheduling.domain.feeds import open_feed
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(mia):
    return offer(mia, price=0, name="Chat")


def booked(what, candidate, starts_at=TOMORROW, now=NOW):
    return book(Wish(what.pk, starts_at, "UTC", {}), candidate=candidate, now=now).session


def path(owner):
    return f"/feeds/{open_feed(owner, now=NOW)}.ics"


def events(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    assert all(event.errors == [] for event in found)
    return found


def test_both_sides_follow_their_own_sessions(client, chat, mia, ben, cleo):
    session = booked(chat, ben)
    other = booked(chat, cleo, TOMORROW + 2 * HOUR)
    bens, mias, cleos = (events(client, path(who)) for who in (ben, mia.user, cleo))
    assert [event["UID"] for event in bens] == [str(session.pk)]
    assert [event["UID"] for event in mias] == [str(session.pk), str(other.pk)]
    assert [event["UID"] for event in cleos] == [str(other.pk)]
    assert bens[0]["SUMMARY"] == "Chat: Mia Lindqvist and Ben Adler"


def test_an_event_is_the_one_of_the_invite(client, chat, ben):
    session = booked(chat, ben)
    (event,) = events(client, path(ben))
    invite = Calendar.from_ical(invitation(session, reader=ben, now=NOW)).walk("VEVENT")[0]
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION"):
        assert event[name] == invite[name]
    assert "ATTENDEE" not in event


def test_nobodys_address_is_in_it(client, chat, mia, ben):
    booked(chat, ben)
    for who in (ben, mia.user):
        assert b"@demo.test" not in client.get(path(who)).content


def test_what_is_only_held_or_came_to_nothing_is_not_in_it(client, chat, hour, mia, ben):
    booked(hour, ben)
    cancel(booked(chat, ben, TOMORROW + 3 * HOUR).pk, by=ben, now=NOW)
    assert events(client, path(ben)) == []


def test_it_looks_ninety_days_back(client, chat, ben):
    session = booked(chat, ben)
    address = path(ben)
    for days, there in ((90, 1), (91, 0)):
        with clock.frozen_at(session.booking.ends_at + timedelta(days=days) - timedelta(seconds=1)):
            assert len(events(client, address)) == there


def test_what_did_not_change_is_not_sent_again(client, chat, ben):
    booked(chat, ben)
    address = path(ben)
    first = client.get(address)
    with clock.frozen_at(NOW + HOUR):
        again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_is_sent_with_its_sequence_and_its_instant(client, chat, ben):
    session = booked(chat, ben)
    address = path(ben)
    first = client.get(address)
    booking = lock_booking(session.pk)
    booking.set_time(TOMORROW + HOUR, TOMORROW + 2 * HOUR, before=timedelta(), after=timedelta())
    booking.sequence += 1
    booking.save()
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    (event,) = Calendar.from_ical(changed.content).walk("VEVENT")
    assert (event["SEQUENCE"], event.start, event.stamp) == (1, TOMORROW + HOUR, NOW)


def test_no_copy_is_kept_between_and_no_engine_lists_it(client, ben):
    answer = client.get(path(ben))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    assert "Set-Cookie" not in answer


def test_a_calendar_that_accepts_calendars_only_is_served(client, ben):
    assert client.get(path(ben), headers={"accept": "text/calendar"}).status_code == 200
    assert client.head(path(ben)).status_code == 200


def test_a_guessed_or_closed_address_is_not_there(client, ben):
    address = path(ben)
    client.force_login(ben)
    client.post("/sessions/calendar/close/")
    for wrong in (address, "/feeds/guessed.ics", "/feeds/é.ics"):
        assert client.get(wrong).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_the_same_questions_for_any_number_of_sessions(
    client, ada, ben, rows, django_assert_num_queries
):
    chat = offer(ada, price=0)
    for number in range(rows):
        booked(chat, ben, TOMORROW + number * HOUR)
    address = path(ben)
    with django_assert_num_queries(3):
        assert len(events(client, address)) == rows


def test_who_looks_too_often_waits(client, ben, cleo, settings):
    settings.FEED_RATE = "2/hour"
    cache.clear()
    bens, cleos = path(ben), path(cleo)
    assert [client.get(bens).status_code for _ in range(3)] == [200, 200, 429]
    assert int(client.get(bens)["Retry-After"]) <= 3601
    assert client.get(cleos).status_code == 200
    cache.clear()


def test_the_address_is_shown_once(client, ben):
    client.force_login(ben)
    assert "Make a private address" in client.get("/sessions/calendar/").content.decode()
    made = client.post("/sessions/calendar/new/")
    assert made["Cache-Control"] == "no-store"
    (address,) = re.findall(r'value="http://[^/]+(/feeds/[^"]+)"', made.content.decode())
    assert f'href="webcal://{made.context["address"].partition("://")[2]}"' in made.content.decode()
    assert client.get(address).status_code == 200
    page = client.get("/sessions/calendar/").content.decode()
    assert "/feeds/" not in page
    assert "Replace it by a new address" in page


def test_a_replaced_address_opens_nothing(client, ben):
    client.force_login(ben)
    old = path(ben)
    client.post("/sessions/calendar/new/")
    assert client.get(old).status_code == 404


def test_a_visitor_has_no_address_to_make(client):
    for page in ("/sessions/calendar/", "/sessions/waitlist/"):
        assert client.get(page).url.startswith("/accounts/login/")
    assert client.post("/sessions/calendar/new/").url.startswith("/accounts/login/")


def test_the_invite_is_for_who_accepts_calendars_only_too(api, chat, ben, cleo):
    session = booked(chat, ben)
    address = f"/api/v1/bookings/{session.pk}/invite.ics"
    for accepted in ("text/calendar", "*/*"):
        answer = api(ben).get(address, headers={"accept": accepted})
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert Calendar.from_ical(answer.content)["METHOD"] == "REQUEST"
        refusal = api(cleo).get(address, headers={"accept": accepted})
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (404, "not_found")
