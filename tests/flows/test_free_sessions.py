"""Sessions at no price: mentors, their quotas, and intro calls."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from tests.flows.money import cents, dollars
from tests.marketplace.cast import AROUND_THE_CLOCK, coach, offer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor(stripe, now):
    def make(name, **fields):
        mentor = coach(person(name), kind="mentor", **AROUND_THE_CLOCK, now=now, **fields)
        return offer(mentor, price=0, minutes=30, now=now)

    return make


def test_a_free_mentor_session_is_confirmed_at_once_with_mail_and_invite(
    stripe, ben, mentor, at, books_are_right
):
    chat = mentor("Mia Lindqvist")
    booking = ben.book(chat, at(days=2))
    assert (booking["state"], booking["price"], booking["to_pay"]) == ("confirmed", dollars(0), dollars(0))
    assert (booking["checkout_url"], booking["checkout_session"], booking["hold_expires_at"]) == (None,) * 3
    assert set(cents(ben.booking(booking)["order"]).values()) == {0}
    stripe.work()
    assert stripe.objects("checkout.session") == []
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert set(letters) == {"ben@demo.test", "mia@demo.test"}
    parts = letters["ben@demo.test"].alternatives
    invites = [part for part in parts if part.mimetype.startswith("text/calendar")]
    assert len(invites) == 1
    invite = ben.client.get(f"/api/v1/bookings/{booking['id']}/invite.ics")
    assert invite["Content-Type"].startswith("text/calendar")
    assert f"UID:{booking['id']}" in invite.content.decode()
    assert "mia@demo.test" not in invite.content.decode()
    books_are_right()


def test_pressing_twice_is_one_booking(stripe, ben, mentor, at):
    chat = mentor("Mia Lindqvist")
    booking = ben.book(chat, at(days=2))
    assert ben.book(chat, at(days=2), status=200)["id"] == booking["id"]


def test_a_mentor_who_wants_to_approve_is_asked(stripe, ben, now, at):
    mia = coach(person("Mia Lindqvist"), kind="mentor", **AROUND_THE_CLOCK, now=now)
    chat = offer(mia, price=0, minutes=30, needs_approval=True, now=now)
    assert ben.book(chat, at(days=2))["state"] == "requested"


def test_two_sessions_with_mentors_in_thirty_days(stripe, ben, cleo, mentor, at, now):
    mia, noor = mentor("Mia Lindqvist"), mentor("Noor Haddad")
    ben.book(mia, at(days=2))
    second = ben.book(noor, at(days=3))
    refused = ben.book(mia, at(days=4), status=409)["error"]
    assert (refused["code"], refused["reason"]) == ("slot_unavailable", "candidate_limit")
    assert cleo.book(mia, at(days=4))["state"] == "confirmed"
    # What a candidate cancels still counts, what the mentor cancels does not.
    ben.cancel(second)
    assert ben.book(mia, at(days=5), status=409)["error"]["reason"] == "candidate_limit"
    stripe.set_clock(now + timedelta(days=30, seconds=1))
    assert ben.book(mia, at(days=33))["state"] == "confirmed"


def test_a_session_that_the_mentor_cancelled_does_not_count(stripe, ben, speaks, mentor, at):
    mia = mentor("Mia Lindqvist")
    first, _ = ben.book(mia, at(days=2)), ben.book(mia, at(days=3))
    speaks(mia.coach.user).cancel(first)
    assert ben.book(mia, at(days=4))["state"] == "confirmed"


def test_a_mentors_month_is_full(stripe, ben, cleo, mentor, at):
    """November has one place, and its last day ends where the mentor lives."""
    mia = mentor("Mia Lindqvist", monthly_quota=1, timezone="Asia/Tokyo")
    ben.book(mia, at(days=2))
    refused = cleo.book(mia, at(days=3), status=409)["error"]
    assert (refused["code"], refused["reason"]) == ("slot_unavailable", "quota")
    # 30 November 15:00 UTC is December in Tokyo.
    assert cleo.book(mia, at(days=6, hours=3))["state"] == "confirmed"


def test_intro_calls_are_one_per_coach_and_two_at_a_time(stripe, ben, at, now):
    intros = []
    for name in ["Bo Chen", "Cy Diaz", "Di Evans"]:
        seller = coach(person(name), **AROUND_THE_CLOCK, now=now)
        intros.append(offer(seller, price=0, minutes=15, kind="intro", slug="intro", now=now))
    ben.book(intros[0], at(days=1))
    assert ben.book(intros[0], at(days=2), status=409)["error"]["reason"] == "intro_used"
    ben.book(intros[1], at(days=2))
    assert ben.book(intros[2], at(days=3), status=409)["error"]["reason"] == "candidate_limit"
    stripe.work(at(days=1, hours=1))
    assert ben.book(intros[2], at(days=3))["state"] == "confirmed"
    assert ben.book(intros[0], at(days=4), status=409)["error"]["reason"] == "intro_used"
