from datetime import timedelta

import pytest
from icalendar import Calendar

from scheduling.domain.arrows import cancel, lock_booking
from scheduling.domain.invites import Appointment, feed, invite, method_of
from scheduling.states import BookingState as S
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, row

pytestmark = pytest.mark.django_db


def _appointment(booking):
    return Appointment(
        booking,
        title="Mock interview, with Ada; 60 minutes",
        location="https://meet.example/room",
        url="https://site.example/sessions/1/",
    )


def _invite(booking, now=NOW, attendee=None):
    sent = invite(
        _appointment(booking),
        attendee=attendee or booking.candidate,
        organizer="The House <hello@site.example>",
        now=now,
    )
    calendar = Calendar.from_ical(sent)
    [event] = calendar.walk("VEVENT")
    assert event.errors == []
    return calendar, event


def test_an_invite_says_what_when_where_and_who(ada, ben):
    ada.timezone = "Europe/Paris"
    calendar, event = _invite(confirmed(ada, ben))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    assert (event["SUMMARY"], event["STATUS"]) == ("Mock interview, with Ada; 60 minutes", "CONFIRMED")
    assert (event.start, event.end, event.stamp) == (TOMORROW, TOMORROW + HOUR, NOW)
    assert (event["DTSTART"].to_ical(), event["DTEND"].to_ical()) == (
        b"20261103T100000Z",
        b"20261103T110000Z",
    )
    assert (event["LOCATION"], event["URL"]) == (
        "https://meet.example/room",
        "https://site.example/sessions/1/",
    )
    assert event["DESCRIPTION"].split("\n") == [
        "Tuesday 3 November 2026, 10:00–11:00, Europe/London (UTC+00:00)",
        "Tuesday 3 November 2026, 11:00–12:00, Europe/Paris (UTC+01:00)",
        "https://site.example/sessions/1/",
    ]
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (
        "mailto:hello@site.example",
        "The House",
    )
    assert event["ATTENDEE"] == "mailto:ben@demo.test"


def test_neither_side_learns_the_address_of_the_other(ada, ben):
    booking = confirmed(ada, ben)
    for reader, other in ((ada, ben), (ben, ada)):
        calendar, event = _invite(booking, attendee=reader)
        assert event["ATTENDEE"] == f"mailto:{reader.email}"
        assert other.email not in calendar.to_ical().decode()


def test_a_zone_that_both_share_is_named_once(ada, ben):
    ada.timezone = "Europe/London"
    _, event = _invite(confirmed(ada, ben))
    assert event["DESCRIPTION"].count("Europe/London") == 1


def test_a_name_cannot_break_out_of_its_invite(ada, ben):
    ben.name = 'Ben "B";RSVP=TRUE:mailto:x@y.test\r\nATTENDEE:mailto:z@y.test, Jr.'
    _, event = _invite(confirmed(ada, ben))
    assert event["ATTENDEE"] == "mailto:ben@demo.test"


def test_a_cancellation_takes_back_the_same_invite(ada, ben):
    booking = confirmed(ada, ben)
    _, before = _invite(booking)
    booking = lock_booking(booking.pk)
    cancel(booking, by=ben, now=NOW)
    calendar, after = _invite(booking, NOW + timedelta(minutes=1))
    assert (calendar["METHOD"], after["STATUS"]) == ("CANCEL", "CANCELLED")
    assert [before["UID"], after["UID"]] == [str(booking.pk)] * 2
    assert after["SEQUENCE"] > before["SEQUENCE"]


@pytest.mark.parametrize(
    ("state", "status", "method"),
    [
        (S.HELD, "TENTATIVE", "REQUEST"),
        (S.REQUESTED, "TENTATIVE", "REQUEST"),
        (S.CONFIRMED, "CONFIRMED", "REQUEST"),
        (S.COMPLETED, "CONFIRMED", "REQUEST"),
        (S.DECLINED, "CANCELLED", "CANCEL"),
        (S.EXPIRED, "CANCELLED", "CANCEL"),
        (S.CANCELLED, "CANCELLED", "CANCEL"),
    ],
)
def test_an_invite_stands_as_its_booking_does(ada, ben, state, status, method):
    booking = row(ada, ben, state)
    calendar, event = _invite(booking)
    assert (event["STATUS"], calendar["METHOD"]) == (status, method)
    assert method_of(booking) == method


def test_an_invite_is_folded_and_ends_its_lines_as_the_standard_asks(ada, ben):
    ben.name = "Ben " + "Zoë " * 30
    sent = invite(
        _appointment(confirmed(ada, ben)),
        attendee=ben,
        organizer="The House <hello@site.example>",
        now=NOW,
    )
    assert sent.count(b"\n") == sent.count(b"\r\n")
    assert max(len(line) for line in sent.split(b"\r\n")) == 75
    assert Calendar.from_ical(sent).walk("VEVENT")[0]["ATTENDEE"].params["CN"] == ben.display_name


def test_an_invite_has_one_attendee_and_takes_its_time(ada, ben):
    sent = invite(
        _appointment(confirmed(ada, ben)),
        attendee=ben,
        organizer="The House <hello@site.example>",
        now=NOW,
    )
    assert sent.count(b"ATTENDEE;") == 1
    assert b"TRANSP:OPAQUE" in sent


def test_a_feed_has_the_events_of_the_invites_without_their_people(ada, ben):
    booking = confirmed(ada, ben)
    _, invited = _invite(booking)
    published = feed([(_appointment(booking), NOW)], uid="sessions-of-1", name="The House sessions")
    calendar = Calendar.from_ical(published)
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], calendar["X-WR-CALNAME"]) == ("PUBLISH", "The House sessions")
    assert (b"REFRESH-INTERVAL;VALUE=DURATION:PT30M" in published, b"X-PUBLISHED-TTL:PT30M" in published) == (
        True,
        True,
    )
    for name in ("UID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "DTSTAMP", "SUMMARY", "LOCATION", "URL"):
        assert event[name] == invited[name], name
    assert not {"ATTENDEE", "ORGANIZER"} & set(event)


def test_a_feed_without_sessions_is_a_calendar_all_the_same():
    assert Calendar.from_ical(feed([], uid="sessions-of-1", name="The House sessions")).walk("VEVENT") == []
