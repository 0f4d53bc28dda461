"""Reading connected calendars: what differs is written, what fails is kept, and who has to know is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.models import OutboxMessage
from integrations.calendars.gateway import Account, Busy
from integrations.sealing import is_newest, seal, unseal
from scheduling.domain import syncing
from scheduling.domain.calendars import MOST_CALENDARS, TooManyCalendarsError, connect
from scheduling.domain.syncing import AHEAD, BEHIND, Reading, keep_failure, keep_reading, sync, sync_due
from scheduling.events import CalendarFailed, SlotsChanged
from scheduling.models import BusyTime, ConnectedCalendar
from scheduling.queries.slots import open_starts
from tests.integrations.calendars.serving import Answer, serving
from tests.integrations.calendars.written import calendar as written
from tests.integrations.calendars.written import event
from tests.scheduling.calendars import busy, connected
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, open_around_the_clock

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
FAR = NOW + timedelta(days=95)


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture
def server():
    with serving(lambda _: Answer(written(event(TOMORROW, TOMORROW + HOUR)))) as server:
        yield server


@pytest.fixture
def feed(server, ben):
    """Ben's calendar, one meeting in it."""
    return connect(ben, Account("ics", f"{server.url}/ben.ics"), now=NOW).calendar


def said(*spans, until=FAR, secret=""):
    """What a calendar said: pairs of hours from TOMORROW, or busy times as they are."""
    times = [
        span if isinstance(span, Busy) else Busy(TOMORROW + span[0] * HOUR, TOMORROW + span[1] * HOUR, "m")
        for span in spans
    ]
    return Reading(times, until, secret)


def stored(calendar):
    rows = calendar.busy_times.order_by("period")
    return [((row.period.lower - TOMORROW) / HOUR, (row.period.upper - TOMORROW) / HOUR) for row in rows]


def changes():
    """The spans of hours from TOMORROW that were announced as changed, then forgotten."""
    messages = OutboxMessage.objects.filter(event=SlotsChanged.__name__).order_by("pk")
    from datetime import datetime  # noqa: PLC0415

    spans = [
        tuple((datetime.fromisoformat(each.payload[name]) - TOMORROW) / HOUR for name in ("from_at", "to_at"))
        for each in messages
    ]
    messages.delete()
    return list(dict.fromkeys(spans))


def failures_told():
    return OutboxMessage.objects.filter(event=CalendarFailed.__name__).values("payload").distinct().count()


def test_only_what_differs_is_written(ada):
    calendar = connected(ada)
    keep_reading(calendar.pk, said((0, 1), (2, 3)), now=NOW)
    kept = dict(calendar.busy_times.values_list("period", "pk"))
    keep_reading(calendar.pk, said((2, 3), (4, 5)), now=NOW + MINUTE)
    assert stored(calendar) == [(2, 3), (4, 5)]
    assert [pk for period, pk in calendar.busy_times.values_list("period", "pk") if period in kept] == [
        kept[next(period for period in kept if period.lower == TOMORROW + 2 * HOUR)]
    ]


def test_open_pickers_hear_of_what_changed_and_of_nothing_else(ada):
    open_around_the_clock(ada)
    calendar = connected(ada)
    keep_reading(calendar.pk, said((0, 1), (50, 51)), now=NOW)
    assert changes() == [(-48, 51)]
    keep_reading(calendar.pk, said((0, 1), (50, 51)), now=NOW + MINUTE)
    assert changes() == []
    keep_reading(calendar.pk, said((0, 1), (50, 51), (-72, -71)), now=NOW + 2 * MINUTE)
    assert changes() == []  # it is over
    keep_reading(calendar.pk, said((0, 1)), now=NOW + 3 * MINUTE)
    assert changes() == [(2, 51)]


def test_a_candidates_busy_times_change_nobodys_slots(ben):
    keep_reading(connected(ben).pk, said((0, 1)), now=NOW)
    assert (changes(), BusyTime.objects.count()) == ([], 1)


def test_a_coach_whose_calendar_answers_again_offers_everything_anew(ada):
    open_around_the_clock(ada)
    calendar = connected(ada, now=NOW - timedelta(days=1))
    keep_reading(calendar.pk, said(), now=NOW)
    assert changes() == [((NOW - TOMORROW) / HOUR - 48, (NOW + AHEAD - TOMORROW) / HOUR)]


def test_ones_own_sessions_are_not_busy_twice(ada, ben, cleo):
    calendar = connected(ada)
    own, others = confirmed(ada, ben), held(cleo, ben, starts_at=TOMORROW + 9 * HOUR)
    busy_at = [
        Busy(TOMORROW, TOMORROW + HOUR, str(own.pk)),
        Busy(TOMORROW + HOUR, TOMORROW + 2 * HOUR, str(others.pk)),
        Busy(TOMORROW + 2 * HOUR, TOMORROW + 3 * HOUR, "no id at all"),
    ]
    keep_reading(calendar.pk, said(*busy_at), now=NOW)
    assert stored(calendar) == [(1, 2), (2, 3)]


def test_an_id_that_is_too_long_is_cut(ada):
    calendar = connected(ada)
    keep_reading(calendar.pk, said(Busy(TOMORROW, TOMORROW + HOUR, "u" * 400)), now=NOW)
    assert len(calendar.busy_times.get().uid) == 255


def test_a_sync_that_began_earlier_does_not_undo_a_later_one(ada):
    calendar = connected(ada)
    keep_reading(calendar.pk, said((0, 1)), now=NOW + MINUTE)
    keep_reading(calendar.pk, said(), now=NOW + MINUTE / 2)
    keep_failure(calendar.pk, "Away.", now=NOW + MINUTE / 2)
    calendar.refresh_from_db()
    assert (stored(calendar), calendar.failure, calendar.synced_at) == ([(0, 1)], "", NOW + MINUTE)


def test_a_clock_that_went_back_does_not_stop_the_syncs(ada):
    calendar = connected(ada, now=NOW + timedelta(days=30))
    keep_reading(calendar.pk, said((0, 1)), now=NOW)
    calendar.refresh_from_db()
    assert (stored(calendar), calendar.synced_at) == ([(0, 1)], NOW)


def test_a_failure_is_kept_and_told_once_it_is_stale(ada):
    open_around_the_clock(ada)
    calendar = connected(ada)
    for minutes, told in ((119, 0), (120, 0), (121, 1), (151, 1)):
        keep_failure(calendar.pk, "The calendar does not answer.", now=NOW + minutes * MINUTE)
        assert failures_told() == told
    calendar.refresh_from_db()
    assert (calendar.failure, calendar.failures) == ("The calendar does not answer.", 4)
    assert calendar.synced_at == NOW
    keep_reading(calendar.pk, said(), now=NOW + 200 * MINUTE)
    calendar.refresh_from_db()
    assert (calendar.failure, calendar.failures, calendar.told_at) == ("", 0, None)


def test_a_calendar_that_was_disconnected_meanwhile_is_nothing(db):
    assert sync(1, now=NOW) is None
    assert keep_reading(1, said(), now=NOW) is None
    assert keep_failure(1, "Away.", now=NOW) is None


@pytest.mark.parametrize(
    ("failures", "pause"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 30), (5, 30), (50, 30)]
)
def test_who_fails_is_asked_less_and_less_often(feed, failures, pause):
    ConnectedCalendar.objects.update(failures=failures)
    assert sync_due(NOW + (pause - 1) * MINUTE) == 0
    assert sync_due(NOW + pause * MINUTE) == 1
    assert sync_due(NOW + pause * MINUTE) == 0


def test_a_calendar_tried_in_what_is_now_the_future_is_due(feed):
    ConnectedCalendar.objects.update(tried_at=NOW + timedelta(days=40))
    assert sync_due(NOW) == 1


def test_two_runs_at_once_take_different_calendars(feed, monkeypatch):
    taken = []
    later = NOW + HOUR
    monkeypatch.setattr(syncing, "sync", lambda pk, **_: taken.append((pk, sync_due(later))))
    sync_due(later)
    assert taken == [(feed.pk, 0)]


def test_a_longer_booking_window_is_read_at_once(ada, server):
    schedule = open_around_the_clock(ada)
    made = connect(ada, Account("ics", server.url), now=NOW).calendar
    assert made.read_until == NOW + AHEAD
    schedule.booking_window_days = 200
    schedule.save()
    assert [sync_due(NOW), sync_due(NOW + MINUTE), sync_due(NOW + MINUTE)] == [0, 1, 0]
    made.refresh_from_db()
    assert made.read_until == NOW + MINUTE + timedelta(days=203)


def test_it_is_read_from_a_week_ago_to_three_months_ahead(ben, server):
    day = timedelta(days=1)
    edges = [NOW - BEHIND - HOUR, NOW - BEHIND + HOUR, NOW + AHEAD - HOUR, NOW + AHEAD + HOUR]
    server.answer = lambda _: Answer(written(*[event(at, at + HOUR / 2, str(at)) for at in edges]))
    made = connect(ben, Account("ics", server.url), now=NOW).calendar
    found = [row.period.lower for row in made.busy_times.order_by("period")]
    assert (found, BEHIND, AHEAD) == (edges[1:3], 7 * day, 92 * day)


def test_floating_times_are_read_in_the_zone_of_the_schedule(ada, server):
    schedule = open_around_the_clock(ada)
    schedule.timezone = "Asia/Tokyo"
    schedule.save()
    server.answer = lambda _: Answer(written(["UID:a", "DTSTART:20261103T190000", "DTEND:20261103T200000"]))
    made = connect(ada, Account("ics", server.url), now=NOW).calendar
    assert stored(made) == [(0, 1)]


def test_an_invitation_that_its_owner_declined_is_not_busy(ben, server):
    guest = "ATTENDEE;PARTSTAT=DECLINED:mailto:BEN@demo.test"
    server.answer = lambda _: Answer(written(event(TOMORROW, TOMORROW + HOUR, "a", guest)))
    assert stored(connect(ben, Account("ics", server.url), now=NOW).calendar) == []


def test_a_token_that_was_renewed_is_kept(ada):
    calendar = connected(ada, kind="google", address=seal("primary"), secret=seal("lasting-1"))
    keep_reading(calendar.pk, said(secret="lasting-2"), now=NOW)
    calendar.refresh_from_db()
    assert unseal(calendar.secret) == "lasting-2"


def test_what_an_older_secret_sealed_is_sealed_anew(ada, settings):
    settings.SEALING_SECRETS = ["old"]
    calendar = connected(ada, kind="caldav", address=seal("https://dav.test/"), secret=seal("password"))
    settings.SEALING_SECRETS = ["new", "old"]
    keep_reading(calendar.pk, said(secret="password"), now=NOW)
    calendar.refresh_from_db()
    assert [is_newest(calendar.address), is_newest(calendar.secret)] == [True, True]
    assert [unseal(calendar.address), unseal(calendar.secret)] == ["https://dav.test/", "password"]


def test_a_lost_key_asks_for_the_calendar_to_be_connected_again(feed, settings, ben, server):
    settings.SEALING_SECRETS = ["another"]
    kept = sync(feed.pk, now=NOW + HOUR)
    assert kept.failure == "Please connect this calendar again."
    again = connect(ben, Account("ics", f"{server.url}/ben.ics"), now=NOW + HOUR)
    assert again.is_new


def test_nobody_connects_more_than_ten(ben, server):
    for number in range(MOST_CALENDARS):
        connect(ben, Account("ics", f"{server.url}/{number}"), now=NOW)
    with pytest.raises(TooManyCalendarsError):
        connect(ben, Account("ics", f"{server.url}/one-more"), now=NOW)
    assert not connect(ben, Account("ics", f"{server.url}/3"), now=NOW).is_new


def test_connected_anew_the_password_given_last_is_kept(ada, radicale):
    theirs = radicale.calendar()
    wish = Account("caldav", theirs.url, theirs.username, theirs.password)
    calendar = connect(ada, wish, now=NOW).calendar
    ConnectedCalendar.objects.update(secret=seal("forgotten"))
    assert sync(calendar.pk, now=NOW + HOUR).failure != ""
    again = connect(ada, replace(wish), now=NOW + HOUR)
    assert (again.is_new, again.calendar.failure, unseal(again.calendar.secret)) == (False, "", "ada-secret")


def test_disconnecting_the_slots_are_free_again(ada, server):
    open_around_the_clock(ada)
    made = connect(ada, Account("ics", server.url), now=NOW).calendar
    asked = {"duration_minutes": 60, "from_at": TOMORROW, "to_at": TOMORROW + HOUR, "now": NOW}
    assert open_starts(ada.pk, **asked) == []
    made.delete()
    assert open_starts(ada.pk, **asked) == [TOMORROW, TOMORROW + HOUR / 2]


def test_rows_read_themselves_as_text(ada):
    calendar = connected(ada)
    busy(calendar, TOMORROW, TOMORROW + HOUR)
    assert (str(calendar), "2026-11-03 10:00" in str(BusyTime.objects.get())) == ("Work", True)
