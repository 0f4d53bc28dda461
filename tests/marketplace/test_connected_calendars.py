"""Connected calendars over the API: they close a coach's slots, and sessions are written to them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from core import clock
from core.errors import InvalidError
from core.instants import instant_json
from marketplace.domain.booking import Wish, book
from scheduling.domain.calendars import write_sessions
from scheduling.domain.rechecking import check_before_payment
from scheduling.domain.syncing import sync_due
from scheduling.domain.tries import SlotUnavailableError
from scheduling.models import Booking, BusyTime, ConnectedCalendar
from tests.integrations.calendars.serving import Answer, serving
from tests.integrations.calendars.written import calendar, event
from tests.marketplace.cast import HOUR, NOW, TOMORROW
from tests.radicale import running_radicale

URL = "/api/v1/me/calendars/"
EMPTY = calendar(name="Work")
MEETING = calendar(event(TOMORROW, TOMORROW + HOUR), name="Work")
TWO_HOURS = 2 * HOUR


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture
def feed():
    """A published calendar with one meeting tomorrow at ten."""
    with serving(lambda _: Answer(MEETING, headers={"Content-Type": "text/calendar"})) as server:
        yield server


@pytest.fixture
def connect(api):
    def connect(person, url, **more):
        body = {"kind": "ics", "url": url, **more}
        return api(person).post(URL, body, format="json")

    return connect


@pytest.fixture
def slots(api, ada, hour):
    """The starts of Ada's hours on Tuesday morning."""

    def starts(now=NOW):
        with clock.frozen_at(now):
            answer = api().get(
                f"/api/v1/coaches/{ada.slug}/slots/",
                {
                    "offer": hour.slug,
                    "from": instant_json(TOMORROW - HOUR),
                    "to": instant_json(TOMORROW + TWO_HOURS),
                },
            )
        return [slot["starts_at"][11:16] for slot in answer.json()["slots"]]

    return starts


ALL = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
FREE_OF_IT = ["09:00", "11:00", "11:30"]


def caldav(calendar):
    return {"kind": "caldav", "username": calendar.username, "password": calendar.password}


def test_a_calendar_is_connected_and_closes_what_it_says(connect, ada, feed, slots):
    assert slots() == ALL
    answer = connect(ada.user, f"{feed.url}/work.ics")
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "id": str(ConnectedCalendar.objects.get().pk),
            "kind": "ics",
            "name": "Work",
            "username": "",
            "writes": False,
            "connected_at": "2026-11-02T09:00:00Z",
            "tried_at": "2026-11-02T09:00:00Z",
            "synced_at": "2026-11-02T09:00:00Z",
            "stale": False,
            "stale_at": "2026-11-02T11:00:00Z",
            "failure": None,
        },
    )
    assert slots() == FREE_OF_IT


def test_why_names_the_calendar(connect, api, ada, hour, feed):
    connect(ada.user, feed.url)
    why = (
        api(ada.user)
        .get("/api/v1/me/availability/why", {"offer": hour.slug, "at": instant_json(TOMORROW)})
        .json()
    )
    assert (why["bookable"], why["reason"], "Work" in why["detail"]) == (False, "busy", True)


def test_no_secret_is_ever_answered(connect, api, ada, radicale):
    theirs = radicale.calendar()
    made = connect(ada.user, theirs.url, **caldav(theirs))
    seen = (
        made.content
        + api(ada.user).get(URL).content
        + api(ada.user).get(f"{URL}{made.json()['id']}/").content
    )
    assert (b"ada-secret" in seen, theirs.url.encode() in seen) == (False, False)
    row = ConnectedCalendar.objects.get()
    stored = bytes(row.address) + bytes(row.secret)
    assert (b"ada-secret" in stored, b"127.0.0.1" in stored) == (False, False)


def test_a_calendar_is_its_owners_alone(connect, api, ada, cleo, feed):
    pk = connect(ada.user, feed.url).json()["id"]
    assert api(cleo).get(URL).json()["results"] == []
    assert [
        api(cleo).get(f"{URL}{pk}/").status_code,
        api(cleo).post(f"{URL}{pk}/sync/").status_code,
        api(cleo).delete(f"{URL}{pk}/").status_code,
        api().get(URL).status_code,
    ] == [404, 404, 404, 401]
    assert ConnectedCalendar.objects.count() == 1


def test_connected_twice_it_is_one(connect, ada, feed):
    first, again = connect(ada.user, feed.url), connect(ada.user, feed.url)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert (ConnectedCalendar.objects.count(), BusyTime.objects.count()) == (1, 1)


def test_disconnected_it_closes_nothing(connect, api, ada, feed, slots):
    pk = connect(ada.user, feed.url).json()["id"]
    assert api(ada.user).delete(f"{URL}{pk}/").status_code == 204
    assert (slots(), BusyTime.objects.count()) == (ALL, 0)
    assert api(ada.user).get(f"{URL}{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"kind", "url"}),
        ({"kind": "google", "url": "https://x.test/"}, {"kind"}),
        ({"kind": "ics", "url": "https://x.test/", "colour": "red"}, {"colour"}),
        ({"kind": "caldav", "url": "https://x.test/"}, {"username"}),
        ({"kind": "ics", "url": "https://x.test/", "password": "p"}, {"username"}),
        ({"kind": "ics", "url": "ftp://x.test/"}, {"url"}),
        ({"kind": "ics", "url": "https://a:b@x.test/"}, {"url"}),
    ],
)
def test_a_wish_that_cannot_be_understood_names_its_fields(api, ada, body, fields):
    answer = api(ada.user).post(URL, body, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
    assert set(answer.json()["error"]["fields"]) == fields


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/x.ics", "http://[::1]/", "http://169.254.169.254/latest", "https://localhost/c.ics"],
)
def test_private_addresses_are_refused(connect, ada, settings, url):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    answer = connect(ada.user, url)
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"url"})
    assert ConnectedCalendar.objects.count() == 0


def test_a_password_is_not_sent_in_the_open(connect, ada, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    answer = connect(ada.user, "http://dav.example.org/", kind="caldav", username="ada", password="p")
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"url"})
    assert "https://" in answer.json()["error"]["message"]


def test_what_is_no_calendar_is_not_connected(connect, ada, feed, slots):
    feed.answer = lambda _: Answer("<html>Please sign in</html>")
    answer = connect(ada.user, feed.url)
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"url"})
    assert slots() == ALL


def test_a_wrong_password_is_said_at_the_password(connect, ada, radicale):
    theirs = radicale.calendar()
    answer = connect(ada.user, theirs.url, kind="caldav", username="ada", password="wrong")
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"password"})


def test_an_address_with_several_calendars_asks_which(connect, ada, tmp_path):
    with running_radicale(tmp_path) as server:
        one, other = server.calendar(name="Work"), server.calendar(name="Home")
        answer = connect(ada.user, server.url, **caldav(one))
        assert answer.status_code == 400
        assert sorted(each["name"] for each in answer.json()["error"]["choices"]) == ["Home", "Work"]
        assert {each["url"] for each in answer.json()["error"]["choices"]} == {one.url, other.url}


def test_a_server_with_one_calendar_leads_to_it(connect, ada, tmp_path):
    with running_radicale(tmp_path) as server:
        only = server.calendar(name="Days")
        assert connect(ada.user, server.url, **caldav(only)).json()["name"] == "Days"
        again = connect(ada.user, only.url, **caldav(only))
        assert (again.status_code, ConnectedCalendar.objects.count()) == (200, 1)


def test_what_changes_there_changes_here_at_the_next_sync(connect, api, ada, feed, slots):
    pk = connect(ada.user, feed.url).json()["id"]
    feed.answer = lambda _: Answer(EMPTY)
    assert slots() == FREE_OF_IT
    later = NOW + timedelta(minutes=5)
    with clock.frozen_at(later):
        assert api(ada.user).post(f"{URL}{pk}/sync/").json()["synced_at"] == instant_json(later)
    assert slots() == ALL


def test_a_calendar_that_falls_silent_closes_everything_after_two_hours(connect, api, ada, feed, slots):
    pk = connect(ada.user, feed.url).json()["id"]
    feed.answer = lambda _: Answer(status=503)
    limit = NOW + TWO_HOURS
    with clock.frozen_at(limit):
        answer = api(ada.user).post(f"{URL}{pk}/sync/").json()
    assert (answer["failure"], answer["stale"]) == ("The calendar does not answer.", False)
    assert slots(limit) == FREE_OF_IT
    assert slots(limit + timedelta(seconds=1)) == []
    with clock.frozen_at(limit + timedelta(seconds=1)):
        assert api(ada.user).get(f"{URL}{pk}/").json()["stale"] is True
    feed.answer = lambda _: Answer(EMPTY)
    with clock.frozen_at(limit + HOUR):
        assert sync_due(limit + HOUR) == 1
    assert slots(limit + HOUR) == ALL


@pytest.mark.parametrize("later", [timedelta(), timedelta(seconds=5), timedelta(minutes=1)], ids=str)
def test_before_a_payment_is_taken_the_calendar_is_asked_again(connect, api, ada, ben, hour, feed, later):
    feed.answer = lambda _: Answer(EMPTY)
    connect(ada.user, feed.url)
    feed.answer = lambda _: Answer(MEETING)
    with clock.frozen_at(NOW + later):
        body = {"offer": str(hour.pk), "starts_at": instant_json(TOMORROW), "timezone": "UTC"}
        answer = api(ben).post("/api/v1/bookings/", body, format="json")
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["reason"]) == (
        409,
        "slot_unavailable",
        "busy",
    )
    assert Booking.objects.get().state == "cancelled"


def book_hour(hour, ben):
    wish = Wish(offer_id=hour.pk, starts_at=TOMORROW, timezone="UTC", answers={})
    return book(wish, candidate=ben, now=NOW).session.pk


def test_a_time_that_is_still_free_stays_held(connect, ada, ben, hour, feed):
    feed.answer = lambda _: Answer(EMPTY)
    connect(ada.user, feed.url)
    check_before_payment(book_hour(hour, ben), now=NOW + timedelta(minutes=1))
    assert (Booking.objects.get().state, len(feed.asked)) == ("held", 2)


def test_a_calendar_that_fell_silent_releases_the_hold_too(connect, ada, ben, hour, feed):
    feed.answer = lambda _: Answer(EMPTY)
    connect(ada.user, feed.url)
    booking = book_hour(hour, ben)
    feed.answer = lambda _: Answer(status=500)
    ConnectedCalendar.objects.update(synced_at=NOW - TWO_HOURS, stale_at=NOW)
    with pytest.raises(SlotUnavailableError) as refused:
        check_before_payment(booking, now=NOW + timedelta(minutes=1))
    assert (refused.value.reason, Booking.objects.get().state) == ("calendar_stale", "cancelled")


def test_a_coach_without_calendars_is_asked_nothing(ada, ben, hour, django_assert_num_queries):
    booking = book_hour(hour, ben)
    with django_assert_num_queries(2):
        check_before_payment(booking, now=NOW)
    with django_assert_num_queries(1):
        check_before_payment(uuid4(), now=NOW)


def test_an_ics_address_takes_no_sessions(connect, ada, feed):
    pk = int(connect(ada.user, feed.url).json()["id"])
    with pytest.raises(InvalidError):
        write_sessions(pk, writes=True, by=ada.user, now=NOW)
    assert write_sessions(pk, writes=False, by=ada.user, now=NOW).writes is False


def test_a_calendar_without_a_name_is_called_by_its_host(connect, ada, feed):
    feed.answer = lambda _: Answer(calendar())
    assert connect(ada.user, feed.url).json()["name"] == "127.0.0.1"
