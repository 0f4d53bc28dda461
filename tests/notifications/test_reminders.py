"""Who is reminded of what, in whose time, and what is not told any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from core import clock, outbox
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from notifications.models import Notification
from scheduling.domain.reminders import remind_due
from scheduling.models import Booking
from tests.marketplace.cast import HOUR, NOW, coach, offer, person

pytestmark = pytest.mark.django_db

START = NOW + timedelta(days=3)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_clock(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"


@pytest.fixture
def mia():
    return coach(person("Mia Lindqvist", timezone="Europe/Stockholm"), kind="mentor")


@pytest.fixture
def ben():
    return person("Ben Adler", timezone="America/New_York")


@pytest.fixture
def session(mia, ben):
    chat = offer(mia, price=0, name="Mock interview")
    booked = book(Wish(chat.pk, START, "America/New_York", {}), candidate=ben, now=NOW).session
    deliver(NOW)
    mail.outbox.clear()
    Notification.objects.all().delete()
    return booked


def deliver(at):
    with clock.frozen_at(at):
        while due := outbox.due(at):
            for pk in due:
                assert outbox.deliver(pk, now=at)


def reminded(*, due, heard=None):
    """The job runs at one instant, the news is heard at another."""
    remind_due(due)
    deliver(heard or due)
    return [(letter.to[0], letter.subject) for letter in mail.outbox]


def test_each_side_is_reminded_of_the_other_by_its_own_clock(session):
    assert reminded(due=START - DAY) == [
        ("ben@demo.test", "Thu 5 Nov, 04:00: your session with Mia Lindqvist"),
        ("mia@demo.test", "Thu 5 Nov, 10:00: your session with Ben Adler"),
    ]
    (to_ben, _) = mail.outbox
    assert "Mock interview. The room opens ten minutes before" in to_ben.body
    assert "Your time: Thu 5 Nov, 04:00, America/New York (UTC−5)" in to_ben.body
    assert f"/sessions/{session.pk}/" in to_ben.body


def test_a_day_and_an_hour_before_are_two_lines_of_the_inbox(session, ben):
    reminded(due=START - DAY)
    reminded(due=START - HOUR)
    reminded(due=START - HOUR)
    assert ben.notifications.filter(kind="marketplace/session_near").count() == 2
    assert len(mail.outbox) == 4


def test_news_that_waited_until_the_session_is_near_gives_way_to_the_later_reminder(session):
    assert reminded(due=START - DAY, heard=START - HOUR) == []


def test_news_that_waited_until_the_session_was_cancelled_is_not_told(session, ben):
    remind_due(START - DAY)
    cancel(session.pk, by=ben, now=START - DAY)
    deliver(START - DAY)
    assert not Notification.objects.filter(kind="marketplace/session_near").exists()


def test_news_of_a_start_that_was_moved_away_is_not_told(session):
    remind_due(START - DAY)
    booking = Booking.objects.get(pk=session.pk)
    booking.set_time(START + HOUR / 2, START + HOUR, before=timedelta(), after=timedelta())
    booking.save()
    deliver(START - DAY)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("what", ["late", "moved", "cancelled"])
def test_a_letter_that_waited_too_long_is_not_sent(session, ben, what, settings):
    # Both were told in the browser, and the mail server was away.
    remind_due(START - DAY)
    at = START - DAY
    with clock.frozen_at(at):
        for pk in outbox.due(at):
            outbox.deliver(pk, now=at)
    assert ben.notifications.count() == 1
    if what == "moved":
        booking = Booking.objects.get(pk=session.pk)
        booking.set_time(START + HOUR / 2, START + HOUR, before=timedelta(), after=timedelta())
        booking.save()
    elif what == "cancelled":
        cancel(session.pk, by=ben, now=at)
    deliver(START - HOUR if what == "late" else at)
    assert [letter.subject for letter in mail.outbox if "your session with" in letter.subject] == []
