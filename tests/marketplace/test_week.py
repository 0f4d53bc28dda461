"""A coach's week: what stands where, what it adds up to, and why a time is not offered."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from core.instants import parse_instant
from marketplace.models import Session
from marketplace.queries.week import week_of
from marketplace.queries.whys import whys_at
from marketplace.templatetags.hours import hours
from scheduling.domain.schedules import replace_availability
from scheduling.models import Booking, BusyTime, ConnectedCalendar
from scheduling.rules.availability import Absence, Availability, Journey, Override, WallWindow
from tests.marketplace.cast import HOUR, NINE_TO_FIVE, NOW, TOMORROW, coach, offer, person

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
TUESDAY = date(2026, 11, 3)


def at(text):
    return parse_instant(f"2026-11-{text}:00Z")


@pytest.fixture
def chat(mia):
    """Half an hour with a mentor, confirmed at once."""
    return offer(mia, price=0, minutes=30)


@pytest.fixture
def book(client, chat):
    def session(candidate, starts_at):
        client.force_login(candidate)
        client.post(
            "/coaching/mia-lindqvist/hold/",
            {"offer": chat.slug, "starts_at": starts_at.isoformat().replace("+00:00", "Z")},
        )
        return Session.objects.get(booking__candidate=candidate, booking__starts_at=starts_at)

    return session


def connect(owner, name="Family", **columns):
    synced = {
        "synced_at": NOW,
        "stale_at": NOW + 2 * HOUR,
        "read_until": NOW + timedelta(days=90),
    }
    return ConnectedCalendar.objects.create(
        owner=owner,
        kind="ics",
        name=name,
        address=b"sealed",
        connected_at=NOW,
        **{**synced, **columns},
    )


def busy(calendar, starts_at, ends_at):
    return BusyTime.objects.create(calendar=calendar, owner=calendar.owner, period=(starts_at, ends_at))


def week(owner, on=TUESDAY, zone=LONDON):
    return week_of(owner, on, zone=zone, now=NOW)


def blocks(found, on=TUESDAY):
    day = next(day for day in found.days if day.on == on)
    return [
        (block.kind, f"{block.starts_at:%H:%M}", f"{block.ends_at:%H:%M}", block.words)
        for block in day.blocks
    ]


def test_a_week_shows_what_is_open_booked_busy_and_off(mia, ben, cleo, book):
    book(ben, TOMORROW)
    family = connect(mia.user)
    busy(family, at("03T13:00"), at("03T14:00"))
    busy(connect(cleo, "Somebody else's"), at("03T15:00"), at("03T16:00"))
    absence = Absence(at("03T16:00"), at("04T12:00"))
    stated = Availability(timezone="UTC", weekly=NINE_TO_FIVE, time_off=(absence,))
    replace_availability(mia.user, stated, by=mia.user, now=NOW)

    found = week(mia.user)

    assert blocks(found) == [
        ("open", "09:00", "16:00", ""),
        ("confirmed", "10:00", "10:30", ""),
        ("busy", "13:00", "14:00", "Family"),
        ("away", "16:00", "00:00", "Time off"),
    ]
    assert blocks(found, date(2026, 11, 4)) == [
        ("away", "00:00", "12:00", "Time off"),
        ("open", "12:00", "17:00", ""),
    ]


def test_the_sums_count_time_once(mia, ben, book):
    book(ben, TOMORROW)
    family = connect(mia.user)
    busy(family, at("03T10:00"), at("03T12:00"))
    busy(family, at("03T11:00"), at("03T13:00"))

    totals = week(mia.user).totals

    assert (totals.sessions, totals.booked, totals.waiting) == (1, HOUR / 2, 0)
    assert totals.busy == 3 * HOUR
    # Four days of eight hours, of which one session and three busy hours overlap in part; Monday is too soon.
    assert totals.free == 32 * HOUR - 3 * HOUR


def test_hours_are_open_from_the_notice_to_the_end_of_the_booking_window(mia):
    stated = Availability(
        timezone="UTC", weekly=NINE_TO_FIVE, minimum_notice_minutes=26 * 60, booking_window_days=2
    )
    replace_availability(mia.user, stated, by=mia.user, now=NOW)
    noticed = NOW + 26 * HOUR

    found = week(mia.user)

    assert blocks(found) == [("open", f"{noticed:%H:%M}", "17:00", "")]
    assert blocks(found, date(2026, 11, 4)) == [("open", "09:00", "17:00", "")]
    assert blocks(found, date(2026, 11, 5)) == []
    assert found.totals.free == (at("03T17:00") - noticed) + 8 * HOUR


def test_what_waits_is_counted_apart_and_a_lapsed_hold_is_nothing(ada, hour, ben, client):
    client.force_login(ben)
    client.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": "2026-11-03T10:00:00Z"})

    assert week(ada.user).totals.waiting == 1
    lapsed = week_of(ada.user, TUESDAY, zone=LONDON, now=NOW + HOUR)
    assert lapsed.totals.waiting == Booking.objects.filter(guarded=True).count()


def test_days_say_what_is_different_about_them(mia):
    stated = Availability(
        timezone="UTC",
        weekly=NINE_TO_FIVE,
        overrides=(Override(date(2026, 11, 3), ()), Override(date(2026, 11, 4), (WallWindow(600, 660),))),
        travel=(Journey(date(2026, 11, 4), date(2026, 11, 5), "America/New_York"),),
    )
    replace_availability(mia.user, stated, by=mia.user, now=NOW)

    assert [day.note for day in week(mia.user).days] == [
        "",
        "Day off",
        "Other hours, in America/New York",
        "in America/New York",
        "",
        "",
        "",
    ]


def test_time_off_does_not_stretch_the_day(mia):
    absence = Absence(at("02T00:00"), at("09T00:00"))
    stated = Availability(timezone="UTC", weekly=NINE_TO_FIVE, time_off=(absence,))
    replace_availability(mia.user, stated, by=mia.user, now=NOW)

    assert week(mia.user).hours == range(8, 20)


def test_a_day_off_all_day_is_told_as_one(mia):
    absence = Absence(at("03T12:00"), at("05T00:00"))
    stated = Availability(timezone="UTC", time_off=(absence,))
    replace_availability(mia.user, stated, by=mia.user, now=NOW)

    whole = [[block.is_all_day for block in day.blocks] for day in week(mia.user).days]
    assert whole == [[], [False], [True], [], [], [], []]


def test_somebody_without_a_schedule_has_an_empty_week(ben):
    found = week(ben)

    assert found.is_empty
    assert found.totals.free == timedelta()


@pytest.mark.parametrize(
    ("on", "zone", "missing"),
    [
        (date(2027, 3, 28), "Europe/London", ["01:00", "01:30"]),
        (date(2026, 10, 25), "Europe/London", []),
        (date(2027, 4, 4), "Australia/Lord_Howe", []),
        (date(2026, 10, 4), "Australia/Lord_Howe", ["02:00"]),
    ],
)
def test_the_half_hours_are_those_that_the_clock_shows(mia, on, zone, missing):
    place = ZoneInfo(zone)
    all_day = Availability(timezone=zone, weekly=((WallWindow(0, 1440),),) * 7, booking_window_days=300)
    replace_availability(mia.user, all_day, by=mia.user, now=NOW - timedelta(days=60))
    found = week_of(mia.user, on, zone=place, now=NOW - timedelta(days=60))
    day = next(day for day in found.days if day.on == on)

    walls = [cell.at.astimezone(place) for cell in day.cells]
    halves = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 30)]
    assert [f"{wall:%H:%M}" for wall in walls] == [half for half in halves if half not in missing]
    assert {wall.date() for wall in walls} == {on}
    assert [wall.fold for wall in walls] == [0] * len(walls)
    rows = [1 + (wall.hour * 60 + wall.minute) // 15 for wall in walls]
    assert [cell.row for cell in day.cells] == rows


@pytest.mark.parametrize("sessions", [1, 3])
def test_a_week_asks_nine_questions(mia, book, sessions, django_assert_num_queries):
    for number in range(sessions):
        book(person(f"Candidate{number} Doe"), TOMORROW + number * HOUR)
        busy(connect(mia.user), TOMORROW + (number + 3) * HOUR, TOMORROW + (number + 4) * HOUR)

    with django_assert_num_queries(9):
        week(mia.user)


def test_offers_with_the_same_answer_are_told_together(mia, ben, book):
    book(ben, TOMORROW)
    offer(mia, price=0, minutes=30, name="Coffee", slug="coffee")
    offer(mia, price=0, minutes=60, name="Long", slug="long")
    offer(mia, price=0, minutes=30, name="Gone", slug="gone", active=False)

    half_past = whys_at(mia, TOMORROW - HOUR / 2, now=NOW)

    shown = {reason.why.reason: sorted(each.name for each in reason.offers) for reason in half_past.reasons}
    assert shown == {None: ["30 minutes", "Coffee"], "booked": ["Long"], "inactive": ["Gone"]}
    assert not half_past.for_all


def test_lengths_are_asked_about_once_each(mia, chat, django_assert_max_num_queries):
    for number in range(4):
        offer(mia, price=0, minutes=30, name=f"Chat {number}", slug=f"chat-{number}")

    with django_assert_max_num_queries(8):
        answer = whys_at(mia, TOMORROW, now=NOW)

    assert answer.for_all
    assert len(answer.reasons[0].offers) == 5


@pytest.fixture
def calendar(client, mia, chat):
    def page(headers=None, **asked):
        client.force_login(mia.user)
        answer = client.get(reverse("desk_calendar"), asked, headers=headers)
        assert answer.status_code == 200
        return answer.content.decode()

    return page


def test_every_half_hour_is_a_link_that_asks_why(calendar):
    page = calendar(on="2026-11-03")

    assert 'href="?on=2026-11-03&amp;at=2026-11-03T10:30:00Z#why"' in page
    assert 'aria-label="Why Tuesday 3 November, 10:30, UTC?"' in page
    assert len(re.findall(r'aria-label="Why [A-Z][^"]*" tabindex="0"', page)) == 1
    assert len(re.findall(r'aria-label="Why [A-Z][^"]*" tabindex="-1"', page)) == 7 * 24 - 1


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        ("2026-11-03T10:00:00Z", "Candidates can choose this start."),
        ("2026-11-02T08:00:00Z", "This time has passed."),
        ("2026-11-07T10:00:00Z", "The session would not lie inside working hours."),
        ("2026-11-03T10:10:00Z", "Sessions start every 30 minutes"),
    ],
)
def test_the_answer_is_the_rule_and_a_way_to_change_it(calendar, instant, said):
    page = calendar(at=instant)

    assert said in page
    assert "Week of Monday 2 November" in page
    ways = re.findall(r'id="why".*?</section>', page, re.DOTALL)[0]
    assert ('href="/desk/availability/#' in ways) == (said[:8] in {"The sess", "Sessions"})


def test_htmx_gets_the_answer_alone(calendar):
    page = calendar({"HX-Request": "true"}, at="2026-11-03T10:00:00Z")

    assert "<html" not in page
    assert page.lstrip().startswith('<div class="stack gap-3 why">')


def test_a_wall_time_is_read_on_the_clocks_of_the_page(calendar):
    assert "Tue 3 Nov, 19:00" in calendar(wall="2026-11-03T19:00", timezone="Asia/Tokyo")
    assert "Candidates can choose" in calendar(wall="2026-11-03T19:00", timezone="Asia/Tokyo")


@pytest.mark.parametrize(
    "asked",
    [{"at": "soon"}, {"wall": "never"}, {"wall": "2026-11-03T"}, {"wall": "1066-10-14T10:00"}, {"on": "x"}],
)
def test_nonsense_asks_nothing(calendar, asked):
    page = calendar(**asked)

    assert 'id="why"' not in page
    assert "Week of Monday 2 November" in page


def test_a_stale_calendar_is_told_on_the_page(calendar, mia, cleo):
    connect(mia.user, "Family", stale_at=NOW - HOUR, failure="The password was refused.")
    connect(cleo, "Somebody else's", stale_at=NOW - HOUR)

    page = calendar()

    assert "until it answers again, candidates see no times" in page
    assert "The password was refused." in page
    assert "Somebody else" not in page


def test_a_coach_who_sells_nothing_is_told_so(client, db):
    kenji = coach(person("Kenji Sato"))
    client.force_login(kenji.user)

    page = client.get(reverse("desk_calendar"), {"at": "2026-11-03T10:00:00Z"}).content.decode()

    assert "You offer no sessions yet" in page


def test_who_is_no_coach_has_no_week(client, ben):
    client.force_login(ben)

    assert client.get(reverse("desk_calendar")).status_code == 404


def test_sums_of_hours_are_read_as_hours():
    lengths = (timedelta(), 2 * HOUR, timedelta(minutes=1950), timedelta(minutes=65))

    assert [hours(length) for length in lengths] == ["0 h", "2 h", "32 h 30", "1 h 05"]
