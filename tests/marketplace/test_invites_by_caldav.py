"""An invite as a mail program treats it: filed in a real CalDAV calendar, updated, taken out again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar

from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.invitation import invitation
from marketplace.models import Session
from scheduling.domain.moving import move_booking
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db

SENT_ON_FRIDAY = TOMORROW + timedelta(days=3)


@pytest.fixture
def days(radicale):
    return radicale.calendar("ben")


@pytest.fixture
def session(mia, ben):
    ben.name = "Ben “Zoë” Adler, Jr.; " + "a long name " * 5
    ben.save()
    chat = offer(mia, price=0, name="Größen, schätzen; rechnen")
    return book(Wish(chat.pk, SENT_ON_FRIDAY, "Asia/Kolkata", {}), candidate=ben, now=NOW).session


def sent(session, reader, now=NOW):
    current = Session.objects.with_people().get(pk=session.pk)
    return invitation(current, reader=reader, now=now)


def file(calendar, mail):
    """What a mail program does with an invite (RFC 5546): REQUEST is stored by its UID, CANCEL taken out."""
    invite = Calendar.from_ical(mail)
    (event,) = invite.walk("VEVENT")
    method = str(invite.pop("METHOD"))
    if method == "CANCEL":
        calendar.delete(f"{calendar.url}{event['UID']}.ics")
    else:
        calendar.put(invite.to_ical(), name=str(event["UID"]))
    return method


def stored(calendar):
    return [event for text in calendar.events() for event in Calendar.from_ical(text).walk("VEVENT")]


def test_a_server_keeps_an_invite_as_it_was_sent(session, ben, days):
    mail = sent(session, ben)
    assert file(days, mail) == "REQUEST"
    (kept,), (was,) = stored(days), Calendar.from_ical(mail).walk("VEVENT")
    assert kept.errors == []
    assert dict(kept.property_items()) == dict(was.property_items())
    assert (kept.start, kept.end) == (SENT_ON_FRIDAY, SENT_ON_FRIDAY + HOUR)


def test_a_move_replaces_it_and_a_cancellation_takes_it_out(session, ben, days):
    file(days, sent(session, ben))
    move_booking(session.pk, SENT_ON_FRIDAY + 2 * HOUR, by=ben, now=NOW)
    file(days, sent(session, ben, NOW + HOUR))
    (moved,) = stored(days)
    assert (moved.start, moved["SEQUENCE"]) == (SENT_ON_FRIDAY + 2 * HOUR, 1)
    cancel(session.pk, by=ben, now=NOW + 2 * HOUR)
    cancellation = sent(session, ben, NOW + 2 * HOUR)
    assert Calendar.from_ical(cancellation).walk("VEVENT")[0]["SEQUENCE"] == 2
    assert file(days, cancellation) == "CANCEL"
    assert stored(days) == []
