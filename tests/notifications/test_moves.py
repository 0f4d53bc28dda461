"""Who hears of another time for a session, in whose time, and what is not told any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from icalendar import Calendar

from core import clock, outbox
from core.models import OutboxMessage
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.moving import accept_move, reschedule
from notifications.models import Notification
from scheduling.domain.moving import lapse_due, refuse_move, withdraw_move
from tests.marketplace.cast import HOUR, NOW, coach, offer, person

pytestmark = pytest.mark.django_db

START = NOW + timedelta(days=3)
LATER = NOW + timedelta(days=4)
OTHER = LATER + HOUR
BEN, MIA = "ben@demo.test", "mia@demo.test"


@pytest.fixture(autouse=True)
def _own_clock(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"


@pytest.fixture
def mia():
    return coach(person("Mia Lindqvist", timezone="Europe/Stockholm"), kind="mentor").user


@pytest.fixture
def ben():
    return person("Ben Adler", timezone="America/New_York")


@pytest.fixture
def session(mia, ben):
    chat = offer(mia.coach, price=0, name="Mock interview")
    booked = book(Wish(chat.pk, START, "America/New_York", {}), candidate=ben, now=NOW).session
    heard()
    Notification.objects.all().delete()
    return booked


def heard(at=NOW):
    """Who got which letters since the last call."""
    with clock.frozen_at(at):
        while due := outbox.due(at):
            for pk in due:
                assert outbox.deliver(pk, now=at), OutboxMessage.objects.get(pk=pk).error
    letters = [(letter.to[0], letter.subject) for letter in mail.outbox]
    mail.outbox.clear()
    return letters


def moved(session, person, starts_at=LATER, now=NOW):
    reschedule(session.pk, starts_at, by=person, now=now)


def test_both_sides_hear_of_a_move_by_their_own_clock_with_an_update_for_the_calendar(session, ben):
    moved(session, ben)
    with clock.frozen_at(NOW):
        for pk in outbox.due(NOW):
            outbox.deliver(pk, now=NOW)
        for pk in outbox.due(NOW):
            outbox.deliver(pk, now=NOW)
    to_ben, to_mia = sorted(mail.outbox, key=lambda letter: letter.to)
    assert to_ben.subject == "Moved: Mia Lindqvist, Fri 6 Nov, 04:00"
    assert to_mia.subject == "Moved: Ben Adler, Fri 6 Nov, 10:00"
    assert "Mock interview. It was Thu 5 Nov, 04:00." in to_ben.body
    assert "It was: Thu 5 Nov, 10:00, Europe/Stockholm (UTC+1)" in to_mia.body
    for letter in (to_ben, to_mia):
        assert "{" not in letter.body
        [content] = [
            part.get_payload(decode=True)
            for part in letter.message().walk()
            if part.get_content_type() == "text/calendar"
        ][:1]
        [event] = Calendar.from_ical(content).walk("VEVENT")
        assert (event["SEQUENCE"], event["DTSTART"].dt) == (1, LATER)


def test_each_of_two_moves_is_told_once(session, ben):
    moved(session, ben)
    assert len(heard()) == 2
    moved(session, ben, starts_at=OTHER, now=NOW + HOUR)
    moved(session, ben, starts_at=OTHER, now=NOW + HOUR)
    assert [subject for _, subject in heard(NOW + HOUR)] == [
        "Moved: Mia Lindqvist, Fri 6 Nov, 05:00",
        "Moved: Ben Adler, Fri 6 Nov, 11:00",
    ]
    assert ben.notifications.filter(kind="marketplace/booking_moved").count() == 2


def test_of_a_session_that_was_given_up_since_only_that_is_told(session, ben):
    moved(session, ben)
    cancel(session.pk, by=ben, now=NOW)
    assert {subject.split(":")[0] for _, subject in heard()} == {"Cancelled"}


def test_a_candidate_is_asked_with_both_times(session, mia, ben):
    moved(session, mia)
    assert heard() == [(BEN, "Mia Lindqvist asks for Fri 6 Nov, 04:00 instead")]
    line = ben.notifications.get()
    assert line.body == (
        "Mock interview, now Thu 5 Nov, 04:00. Say yes or no until Thu 5 Nov, 02:00;"
        " without an answer it stays where it is."
    )


def test_the_question_is_not_mailed_once_it_is_answered_or_over(session, mia, ben):
    moved(session, mia)
    moved(session, mia, starts_at=OTHER)
    assert heard() == [(BEN, "Mia Lindqvist asks for Fri 6 Nov, 05:00 instead")]
    refuse_move(session.pk, by=ben, now=NOW)
    assert heard() == [(MIA, "Ben Adler keeps Thu 5 Nov, 10:00")]
    moved(session, mia)
    assert heard(START - 2 * HOUR) == []


def test_a_yes_is_told_as_a_move(session, mia, ben):
    moved(session, mia)
    heard()
    accept_move(session.pk, by=ben, now=NOW)
    assert [subject.split(":")[0] for _, subject in heard()] == ["Moved", "Moved"]


def test_a_no_tells_the_coach_what_the_candidate_may_do(session, mia, ben):
    moved(session, mia)
    refuse_move(session.pk, by=ben, now=NOW)
    heard()
    assert mia.notifications.get().body == (
        "Mock interview stays where it is. As you asked to move it, Ben Adler may cancel at no cost"
        " until Thu 5 Nov, 08:00."
    )


def test_both_hear_that_nobody_answered(session, mia):
    moved(session, mia)
    heard()
    lapse_due(START - 2 * HOUR)
    assert heard(START - 2 * HOUR) == [
        (BEN, "Your session with Mia Lindqvist stays at Thu 5 Nov, 04:00"),
        (MIA, "No answer from Ben Adler: Thu 5 Nov, 10:00 stands"),
    ]


def test_a_proposal_that_is_taken_back_is_told_to_whom_it_was_made(session, mia):
    moved(session, mia)
    heard()
    withdraw_move(session.pk, by=mia, now=NOW)
    assert heard() == [(BEN, "Mia Lindqvist keeps Thu 5 Nov, 04:00 after all")]


def test_what_other_news_tells_is_not_told_twice(session, mia, ben):
    moved(session, mia)
    heard()
    moved(session, ben, starts_at=OTHER)
    assert [subject.split(":")[0] for _, subject in heard()] == ["Moved", "Moved"]
    moved(session, mia)
    heard()
    cancel(session.pk, by=ben, now=NOW)
    assert [subject.split(":")[0] for _, subject in heard()] == ["Cancelled", "Cancelled"]
