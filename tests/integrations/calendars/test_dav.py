"""CalDAV against a real server, and against servers that misbehave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from integrations.calendars.adapters import opened
from integrations.calendars.errors import (
    ManyCalendarsError,
    PrivateError,
    RefusedError,
    UnreachableError,
    UnreadableError,
)
from integrations.calendars.gateway import Account, Busy, Entry, Question, Written
from tests.integrations.calendars.serving import Answer, serving
from tests.integrations.calendars.test_events import FILES, SHAPES, TWO_WEEKS, days_of
from tests.integrations.calendars.written import calendar, event
from tests.radicale import running_radicale
from tests.site import free_port

START = datetime(2026, 11, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
UID = "0b8f5a50-7c7e-4f4e-9d6c-3a4a3c1e2f10"
# What a server does not take as one object of a calendar, or would answer without.
NOT_STORED = {
    "two_calendars_in_one_file",
    "seen_twice",
    "nothing_in_it",
    "free_and_busy",
    "at_no_time_at_all",
    "with_alarms_and_attachments",
    "with_a_byte_order_mark",
    "transparent",
    "free_in_outlook",
    "without_a_length",
    "birthday_every_year",
    "moved_away_from_here",
    "cancelled",
    "one_of_a_series_alone",
    "ending_before_it_begins",
    "all_day_ending_on_the_day_itself",
    "extra_dates_with_lengths",
}


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture
def days(radicale):
    return radicale.calendar(name="Days")


def account(theirs, **more):
    given = {"address": theirs.url, "username": theirs.username, "secret": theirs.password}
    return Account("caldav", **{**given, **more})


def entry(starts_at=START, title="Mock interview"):
    ical = calendar(event(starts_at, starts_at + HOUR, UID)).replace("SUMMARY:Meeting", f"SUMMARY:{title}")
    return Entry(UID, starts_at, starts_at + HOUR, title, "With Ben", ical.encode())


def read(theirs, asked=TWO_WEEKS):
    with opened(account(theirs)) as there:
        return there.read_busy(asked)


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - NOT_STORED))
def test_a_stored_shape_is_busy_when_the_file_is(days, shape):
    from tests.integrations.calendars.test_events import ASKED  # noqa: PLC0415

    days.put((FILES / f"{shape}.ics").read_bytes())
    assert days_of(read(days, ASKED.get(shape, TWO_WEEKS))) == SHAPES[shape]


def test_several_events_are_read_in_order(days):
    for hours, uid in ((5, "b"), (0, "a"), (24 * 40, "too late")):
        start = START + hours * HOUR
        days.put(calendar(event(start, start + HOUR, uid)))
    assert read(days) == [Busy(START, START + HOUR, "a"), Busy(START + 5 * HOUR, START + 6 * HOUR, "b")]


def test_an_all_day_event_at_the_edge_belongs_to_its_owners_day(days):
    """The server takes it for a day in UTC; in Auckland it begins half a day earlier."""
    days.put(calendar(["UID:a", "DTSTART;VALUE=DATE:20261104"]))
    auckland = ZoneInfo("Pacific/Auckland")
    first = datetime(2026, 11, 4, tzinfo=auckland)
    asked = Question(first - HOUR, first + HOUR, auckland)
    assert len(read(days, asked)) == 1


def test_the_address_of_a_calendar_is_its_own(days):
    with opened(account(days)) as there:
        assert (there.address(), there.name(), there.secret) == (days.url, "Days", "ada-secret")


@pytest.mark.parametrize("path", ["", "ada/"])
def test_a_server_or_a_person_leads_to_the_only_calendar(tmp_path, path):
    with running_radicale(tmp_path) as server:
        only = server.calendar(name="Days")
        with opened(account(only, address=server.url + path)) as there:
            assert there.address() == only.url
        server.calendar(name="More")
        with (
            opened(account(only, address=server.url + path)) as there,
            pytest.raises(ManyCalendarsError) as many,
        ):
            there.address()
        assert sorted(name for name, _ in many.value.choices) == ["Days", "More"]


def test_a_person_without_a_calendar(radicale, tmp_path):
    with running_radicale(tmp_path) as server:
        nobody = Account("caldav", server.url, "ben", "ben-secret")
        with pytest.raises(UnreadableError), opened(nobody) as there:
            there.read_busy(TWO_WEEKS)


def test_what_is_written_is_there_once_and_as_it_was_written(days):
    with opened(account(days)) as there:
        first, again = there.write(entry(), None), there.write(entry(title="Changed"), None)
        assert (first.reference, again.reference) == (f"{days.url}{UID}.ics",) * 2
        moved = there.write(entry(START + HOUR), again)
        assert moved.etag not in {"", first.etag}
        assert there.read_busy(TWO_WEEKS) == [Busy(START + HOUR, START + 2 * HOUR, UID)]
    (text,) = days.events()
    assert Calendar.from_ical(text).events[0]["SUMMARY"] == "Mock interview"


def test_what_is_taken_out_is_gone_however_often(days):
    with opened(account(days)) as there:
        written = there.write(entry(), None)
        there.remove(written)
        there.remove(written)
    assert days.events() == []


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"secret": "wrong"}, RefusedError),
        ({"username": "nobody"}, RefusedError),
        ({"address": "http://127.0.0.1:1/"}, UnreachableError),
    ],
)
def test_a_refusal_is_told_in_our_words(days, more, error):
    for act in (
        lambda there: there.read_busy(TWO_WEEKS),
        lambda there: there.write(entry(), None),
        lambda there: there.name(),
    ):
        with pytest.raises(error), opened(account(days, **more)) as there:
            act(there)


def test_somebody_elses_calendar_is_closed(radicale, days):
    bens = Account("caldav", days.url, "ben", "ben-secret")
    with pytest.raises(RefusedError), opened(bens) as there:
        there.read_busy(TWO_WEEKS)


def test_a_calendar_that_was_deleted(days):
    days.delete(days.url)
    with pytest.raises(UnreadableError), opened(account(days)) as there:
        there.read_busy(TWO_WEEKS)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer("<html>hello</html>"), UnreadableError),
        (Answer("<html><br></html>", headers={"Content-Type": "text/html"}), UnreadableError),
        (Answer("{}", headers={"Content-Type": "application/json"}), UnreadableError),
        (Answer(status=204), UnreadableError),
        (Answer(status=401, headers={"WWW-Authenticate": "Riddle"}), UnreadableError),
        (Answer(status=302, headers={"Location": "http://[::1"}), UnreadableError),
        (
            Answer("<multistatus xmlns='DAV:'></multistatus>", 207, {"Content-Type": "text/xml"}),
            UnreadableError,
        ),
        (Answer("<multi", 207, {"Content-Type": "text/xml"}), UnreadableError),
        (Answer(status=500), UnreachableError),
        (Answer(status=503), UnreachableError),
        (Answer(status=429), UnreachableError),
        (Answer(status=404), UnreadableError),
        (Answer(status=401), RefusedError),
        (Answer(status=302, headers={"Location": "/again"}), UnreadableError),
    ],
)
def test_a_server_that_speaks_something_else(answer, error):
    with serving(lambda _: answer) as server:
        given = Account("caldav", server.url, "ada", "secret")
        with pytest.raises(error), opened(given) as there:
            there.read_busy(TWO_WEEKS)


@pytest.mark.parametrize(
    ("status", "error"), [(403, RefusedError), (507, UnreachableError), (415, UnreadableError)]
)
def test_a_server_that_takes_nothing_and_gives_nothing_back(days, status, error):
    with serving(lambda _: Answer(status=status)) as server:
        given = Account("caldav", f"{server.url}/c/", "ada", "secret")
        known = Written(f"{server.url}/c/a.ics")
        with pytest.raises(error), opened(given) as there:
            there.write(entry(), known)
        with pytest.raises(error), opened(given) as there:
            there.remove(known)


def test_a_server_that_sends_us_into_a_private_network(settings, monkeypatch):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    monkeypatch.setattr("integrations.addresses.is_public", lambda address: address == "127.0.0.1")
    away = Answer(status=302, headers={"Location": "http://10.0.0.8/dav/"})
    with serving(lambda _: away) as server:
        given = Account("caldav", server.url, "ada", "secret")
        with pytest.raises(PrivateError), opened(given) as there:
            there.read_busy(TWO_WEEKS)


def test_an_ics_address_is_read_only(settings):
    with serving(lambda _: Answer(calendar(name="Work"))) as server:
        with opened(Account("ics", server.url, "ada", "secret")) as there:
            assert (there.name(), there.read_busy(TWO_WEEKS), there.secret) == ("Work", [], "secret")
            for act in (lambda: there.write(entry(), None), lambda: there.remove(Written("x"))):
                with pytest.raises(UnreadableError, match="only be read"):
                    act()
        assert len(server.asked) == 1
        assert server.asked[0].headers["authorization"].startswith("Basic ")
    with pytest.raises(UnreachableError), opened(Account("ics", f"http://127.0.0.1:{free_port()}")) as there:
        there.name()
