"""Who waited is told of his time, once, while it is still his."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from core import clock, outbox
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.waitlist import Range, join_waitlist
from notifications.models import Notification
from tests.marketplace.cast import NOW, TOMORROW, coach, offer, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_clock(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"


@pytest.fixture
def cleo():
    return person("Cleo Moreau", timezone="Asia/Tokyo")


@pytest.fixture
def _given_up(cleo):
    """An hour of Ada's for which Cleo waited; nobody has heard of it yet."""
    hour = offer(coach(person("Ada Okafor"), timezone="Europe/London"), name="Mock interview")
    join_waitlist(hour, Range(), by=cleo, timezone="Asia/Tokyo", now=NOW)
    ben = person("Ben Adler")
    cancel(book(Wish(hour.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session.pk, by=ben, now=NOW)


def hear(at=NOW, *, letters=True):
    with clock.frozen_at(at):
        while due := outbox.due(at):
            delivered = [outbox.deliver(pk, now=at) for pk in due]
            if not letters:
                return
            assert all(delivered)


@pytest.mark.usefixtures("_given_up")
def test_the_letter_says_what_until_when_and_where_to_take_it(cleo):
    hear()
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([cleo.email], "A time is free: Ada Okafor, Tue 3 Nov, 19:00")
    assert "It is held for you alone for 30 minutes" in letter.body
    assert "Held for you until: Mon 2 Nov, 18:30, Asia/Tokyo (UTC+9)" in letter.body
    assert "Nothing is charged unless you take it" in letter.body
    line = Notification.objects.get()
    assert line.url in letter.body
    assert "Take this time" in letter.alternatives[0].content


@pytest.mark.usefixtures("_given_up")
def test_a_letter_that_waited_longer_than_the_hold_is_not_sent(cleo):
    # The line is written, the letter is not sent yet.
    hear(letters=False)
    hear(letters=False)
    assert (cleo.notifications.count(), mail.outbox) == (1, [])
    hear(NOW + timedelta(minutes=30))
    assert mail.outbox == []
