"""Confirmed sessions in connected calendars: written, moved and taken out with the booking."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from icalendar import Calendar

from core import clock
from core.outbox import deliver, due
from integrations.calendars.gateway import Account
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.copies import mirror_due, mirror_session
from scheduling.domain.calendars import connect, disconnect, write_sessions
from scheduling.domain.moving import move_booking
from scheduling.domain.syncing import sync
from scheduling.models import Booking, BusyTime, CalendarCopy
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer
from tests.radicale import running_radicale

FREE = {"price": 0}


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture
def days(radicale):
    """Mia's calendar, empty."""
    return radicale.calendar("ada", name="Days")


def connected(person, theirs, now=NOW):
    return connect(person, Account("caldav", theirs.url, theirs.username, theirs.password), now=now).calendar


@pytest.fixture
def chat(mia):
    return offer(mia, price=0)


def booked(chat, candidate, starts_at=TOMORROW):
    wish = Wish(offer_id=chat.pk, starts_at=starts_at, timezone="UTC", answers={})
    return book(wish, candidate=candidate, now=NOW).session.booking


def deliver_all():
    now = clock.now()
    while ids := due(now):
        assert [deliver(pk, now=now) for pk in ids] == [True] * len(ids)


def written(theirs):
    """``(uid, sequence, start, end)`` of what lies in a calendar."""
    events = [event for text in theirs.events() for event in Calendar.from_ical(text).events]
    return [(str(each["UID"]), each["SEQUENCE"], each.start, each.end) for each in events]


def as_written(booking):
    booking.refresh_from_db()
    return (str(booking.pk), booking.sequence, booking.starts_at, booking.ends_at)


def test_a_confirmed_session_is_written_and_is_not_busy_itself(chat, mia, ben, days):
    calendar = connected(mia.user, days)
    booking = booked(chat, ben)
    deliver_all()
    assert written(days) == [as_written(booking)]
    sync(calendar.pk, now=NOW + HOUR)
    assert BusyTime.objects.count() == 0


def test_what_is_written_names_nobody_whom_a_server_would_write_to(chat, mia, ben, days):
    connected(mia.user, days)
    booked(chat, ben)
    deliver_all()
    (text,) = days.events()
    event = Calendar.from_ical(text).events[0]
    assert ("METHOD" in text, "ATTENDEE" in event, "ORGANIZER" in event, "ben@demo.test" in text) == (
        False,
    ) * 4
    assert (event["TRANSP"], event["STATUS"]) == ("OPAQUE", "CONFIRMED")
    assert "Mia Lindqvist" in event["SUMMARY"]
    assert f"/sessions/{event['UID']}/" in event["URL"]


def test_a_moved_session_moves_there(chat, mia, ben, days):
    connected(mia.user, days)
    booking = booked(chat, ben, TOMORROW + timedelta(days=2))
    deliver_all()
    move_booking(booking.pk, TOMORROW + timedelta(days=3), by=ben, now=NOW)
    deliver_all()
    (event,) = written(days)
    assert event == as_written(booking)
    assert (event[1] > 0, event[2]) == (True, TOMORROW + timedelta(days=3))


def test_a_cancelled_session_is_taken_out(chat, mia, ben, days):
    connected(mia.user, days)
    booking = booked(chat, ben)
    deliver_all()
    cancel(booking.pk, by=ben, now=NOW)
    deliver_all()
    assert written(days) == []
    assert CalendarCopy.objects.get().removed_at == NOW


def test_both_sides_have_it_in_their_own(chat, mia, ben, radicale):
    hers, his = radicale.calendar("ada"), radicale.calendar("ben")
    connected(mia.user, hers)
    connected(ben, his)
    booking = booked(chat, ben)
    deliver_all()
    assert written(hers) == written(his) == [as_written(booking)]


def test_a_held_or_requested_time_is_not_written(mia, ben, days):
    connected(mia.user, days)
    booking = booked(offer(mia, price=0, needs_approval=True), ben)
    deliver_all()
    assert (booking.state, written(days), mirror_due(NOW)) == ("requested", [], 0)


def test_only_the_first_calendar_is_written_to_until_its_owner_says_otherwise(chat, mia, ben, radicale):
    first, second = radicale.calendar("ada", "First"), radicale.calendar("ada", "Second")
    rows = [connected(mia.user, theirs) for theirs in (first, second)]
    assert [row.writes for row in rows] == [True, False]
    booking = booked(chat, ben)
    deliver_all()
    assert [len(written(first)), len(written(second))] == [1, 0]
    write_sessions(rows[1].pk, writes=True, by=mia.user, now=NOW)
    assert (mirror_due(NOW), mirror_due(NOW)) == (1, 0)
    assert written(second) == [as_written(booking)]


def test_a_calendar_connected_later_gets_what_is_ahead(chat, mia, ben, days):
    booking = booked(chat, ben)
    deliver_all()
    connected(mia.user, days)
    assert mirror_due(NOW) == 1
    assert written(days) == [as_written(booking)]
    assert mirror_due(booking.ends_at) == 0


def test_what_is_written_twice_is_there_once(chat, mia, ben, days):
    connected(mia.user, days)
    booking = booked(chat, ben)
    deliver_all()
    CalendarCopy.objects.all().delete()  # what a crash between writing and noting leaves
    assert (mirror_session(booking.pk, now=NOW), mirror_session(booking.pk, now=NOW)) == (1, 0)
    assert written(days) == [as_written(booking)]


def test_what_its_owner_deleted_there_stays_away_until_the_session_changes(chat, mia, ben, days):
    connected(mia.user, days)
    booking = booked(chat, ben, TOMORROW + timedelta(days=2))
    deliver_all()
    days.delete(CalendarCopy.objects.get().reference)
    assert (mirror_due(NOW), written(days)) == (0, [])
    cancel(booking.pk, by=ben, now=NOW)
    deliver_all()
    assert CalendarCopy.objects.get().removed_at == NOW


def test_a_server_that_is_away_gets_it_when_it_is_back(chat, mia, ben, tmp_path):
    with running_radicale(tmp_path) as server:
        theirs = server.calendar()
        calendar = connected(mia.user, theirs)
    booking = booked(chat, ben)
    deliver_all()
    assert CalendarCopy.objects.count() == 0
    sync(calendar.pk, now=NOW)
    assert mirror_due(NOW) == 0  # not while it does not answer
    with running_radicale(tmp_path, port=int(theirs.url.split(":")[2].split("/")[0])):
        sync(calendar.pk, now=NOW + HOUR)
        assert mirror_due(NOW + HOUR) == 1
        assert written(theirs) == [as_written(booking)]


def test_disconnected_its_sessions_stay_and_are_written_no_more(chat, mia, ben, days):
    calendar = connected(mia.user, days)
    booking = booked(chat, ben)
    deliver_all()
    disconnect(calendar.pk, by=mia.user, now=NOW)
    cancel(booking.pk, by=ben, now=NOW)
    deliver_all()
    assert (len(written(days)), CalendarCopy.objects.count()) == (1, 0)


def test_a_stranger_decides_nothing_about_a_calendar(mia, cleo, days):
    calendar = connected(mia.user, days)
    for verb in (
        lambda: disconnect(calendar.pk, by=cleo, now=NOW),
        lambda: write_sessions(calendar.pk, writes=False, by=cleo, now=NOW),
    ):
        with pytest.raises(Exception, match="There is nothing here"):
            verb()
    calendar.refresh_from_db()
    assert calendar.writes


def test_what_somebody_else_is_writing_is_left_to_him(chat, mia, ben, days, monkeypatch):
    connected(mia.user, days)
    booking = booked(chat, ben)

    @contextmanager
    def taken(*_):
        yield False

    monkeypatch.setattr("scheduling.domain.copies.alone", taken)
    assert (mirror_session(booking.pk, now=NOW), CalendarCopy.objects.count()) == (0, 0)


def test_a_copy_reads_itself_as_its_address(chat, mia, ben, days):
    connected(mia.user, days)
    booking = booked(chat, ben)
    deliver_all()
    assert str(CalendarCopy.objects.get()) == f"{days.url}{booking.pk}.ics"


def test_a_booking_that_nobody_sold_is_written_nowhere(db):
    assert mirror_session(Booking().pk, now=NOW) == 0
