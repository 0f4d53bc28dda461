"""The slot picker: which day it opens on, what it says of a day without times, what it hides and keeps."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.templatetags.formats import slot_name
from marketplace.queries.consequence import consequence
from marketplace.queries.picker import picker_of
from scheduling.domain.schedules import replace_availability
from scheduling.rules.availability import Availability, Override, WallWindow
from tests.marketplace.cast import HOUR, NINE_TO_FIVE, NOW, TOMORROW, coach, offer, person
from tests.scheduling import calendars

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
TUESDAY, WEDNESDAY, MONDAY = date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 9)
PAGE = "/coaching/ada-okafor/"


def look(sold, **asked):
    return picker_of(sold, **{"zone": LONDON, "day": None, "chosen": None, "now": NOW, **asked})


def busy(owner, *spans):
    for start, end in spans:
        calendars.busy(calendars.connected(owner, now=NOW), start, end)


def only_on(seller, *days):
    """Ada works on these days alone, from nine to ten."""
    hours = tuple(Override(day, (WallWindow(540, 600),)) for day in days)
    replace_availability(
        seller.user, Availability(timezone="Europe/London", overrides=hours), by=seller.user, now=NOW
    )


def open_for(seller, *, days):
    numbers = {"weekly": NINE_TO_FIVE, "booking_window_days": days}
    replace_availability(
        seller.user, Availability(timezone="Europe/London", **numbers), by=seller.user, now=NOW
    )


def starts(page):
    return re.findall(r'name="starts_at" value="([^"]+)"', page)


@pytest.fixture
def visit(client):
    def get(htmx="", **asked):
        headers = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
        answer = client.get(PAGE, asked, headers=headers)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


# Which day


def test_it_opens_on_the_first_day_that_has_a_time(hour):
    shown = look(hour)
    assert (shown.first, shown.day) == (date(2026, 11, 2), TUESDAY)
    assert shown.starts[0] == datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert shown.earlier is None
    assert shown.later == MONDAY


def test_a_day_without_times_gives_way_to_the_next_of_its_strip(ada, hour):
    only_on(ada, WEDNESDAY)
    assert look(hour, day=TUESDAY).day == WEDNESDAY


def test_a_strip_without_times_names_the_next_free_day_after_it(ada, hour):
    only_on(ada, WEDNESDAY, date(2026, 12, 1))
    shown = look(hour, day=MONDAY)
    assert (shown.day, shown.is_empty, shown.next_day) == (MONDAY, True, date(2026, 12, 1))


def test_a_strip_after_the_last_time_leads_back_to_the_first(ada, hour):
    only_on(ada, WEDNESDAY)
    assert look(hour, day=date(2026, 12, 7)).next_day == WEDNESDAY


def test_who_has_nothing_at_all_has_no_next_day(ada, hour):
    only_on(ada)
    shown = look(hour)
    assert (shown.day, shown.next_day, shown.is_empty) == (NOW.date(), None, True)


def test_another_month_is_leafed_to_without_leaving_the_strip(hour):
    shown = look(hour, day=WEDNESDAY, month=date(2026, 12, 1))
    assert (shown.day, shown.month) == (WEDNESDAY, date(2026, 12, 1))
    assert shown.count(date(2026, 12, 2)) == shown.count(WEDNESDAY) == 15
    assert shown.weeks[0] == [None, *(date(2026, 12, n) for n in range(1, 7))]


def test_a_month_far_from_the_strip_is_read_apart(hour):
    shown = look(hour, day=TUESDAY, month=date(2027, 3, 1))
    assert shown.count(date(2026, 11, 20)) == 0
    assert shown.from_at == datetime(2026, 11, 2, tzinfo=LONDON)
    assert shown.to_at == datetime(2027, 4, 1, tzinfo=LONDON)


def test_a_week_in_which_the_clocks_change_says_so(visit, ada, hour):
    open_for(ada, days=200)
    assert look(hour, day=date(2027, 3, 25)).clock_changes == [date(2027, 3, 28)]
    page = visit(day="2027-03-25", timezone="Europe/London")
    assert "The clocks change on Sunday 28 March." in page
    assert "The clocks change" not in visit(day="2027-03-25", timezone="Asia/Tokyo")


# What was chosen


def test_a_chosen_time_opens_its_day(hour):
    shown = look(hour, chosen=TOMORROW + timedelta(days=1))
    assert (shown.day, shown.chosen, shown.gone) == (WEDNESDAY, TOMORROW + timedelta(days=1), None)


def test_a_chosen_time_that_is_none_names_the_three_nearest(hour):
    asked = TOMORROW + timedelta(minutes=10)
    shown = look(hour, chosen=asked)
    assert (shown.chosen, shown.gone) == (None, asked)
    assert shown.nearest == [TOMORROW - HOUR / 2, TOMORROW, TOMORROW + HOUR / 2]


def test_the_page_says_so_and_links_to_them(visit, hour):
    page = visit(start="2026-11-03T10:10:00Z", timezone="Europe/London")
    assert "Tue 3 Nov, 10:10 is not free." in page
    assert "start=2026-11-03T10%3A00%3A00Z" in page
    assert 'aria-label="Tuesday 3 November, 10:30, Europe/London"' in page


def test_another_session_stays_on_the_day(visit, ada, hour):
    offer(ada, price=6_000, minutes=30)
    [link] = re.findall(r'href="([^"]*offer=30-minutes[^"]*)"', visit(day="2026-11-05"))
    assert "day=2026-11-05" in link


# What a person's own calendar hides


def test_times_at_which_the_viewers_own_calendar_is_busy_are_hidden(ben, cleo, hour):
    busy(ben, (TOMORROW, TOMORROW + HOUR))
    busy(cleo, (TOMORROW - 2 * HOUR, TOMORROW + 6 * HOUR))
    everything = look(hour, day=TUESDAY)
    shown = look(hour, day=TUESDAY, hiding=ben)
    # An hour from 9:00 ends as his appointment starts, one from 11:00 starts as it ends.
    taken = [TOMORROW - HOUR / 2, TOMORROW, TOMORROW + HOUR / 2]
    assert everything.starts == sorted(shown.starts + taken)
    assert (shown.hidden, everything.hidden) == (3, 0)


def test_a_chosen_time_is_shown_busy_or_not(ben, hour):
    busy(ben, (TOMORROW, TOMORROW + HOUR))
    shown = look(hour, chosen=TOMORROW, hiding=ben)
    assert (shown.chosen, shown.hidden) == (TOMORROW, 2)
    assert TOMORROW in shown.starts


def test_a_day_that_is_wholly_hidden_leads_to_one_that_is_not(ben, ada, hour):
    only_on(ada, TUESDAY, date(2026, 11, 20))
    busy(ben, (TOMORROW - 5 * HOUR, TOMORROW + 5 * HOUR))
    shown = look(hour, day=TUESDAY, hiding=ben)
    assert (shown.starts, shown.hidden, shown.next_day) == ([], 1, date(2026, 11, 20))


def test_the_page_offers_to_hide_and_to_show_again(client, visit, ben, hour):
    busy(ben, (TOMORROW, TOMORROW + HOUR))
    client.force_login(ben)
    plain = visit(day="2026-11-03")
    assert "Hide when I am busy" in plain
    assert "2026-11-03T10:00:00Z" in starts(plain)
    hiding = visit(day="2026-11-03", busy="hide")
    assert "2026-11-03T10:00:00Z" not in starts(hiding)
    assert "3 more are hidden: your own calendar is busy then." in hiding


def test_nobody_hides_anything_without_a_calendar_of_his_own(client, visit, ben, cleo, hour):
    busy(cleo, (TOMORROW, TOMORROW + HOUR))
    everything = starts(visit(day="2026-11-03"))
    client.force_login(ben)
    page = visit(day="2026-11-03", busy="hide")
    assert "Hide when I am busy" not in page
    assert 'href="/calendars/"' in page
    assert starts(page) == everything


# The page


def test_htmx_gets_another_day_without_the_zones(visit, hour):
    part = visit("picker-times", day="2026-11-05")
    assert "Thursday 5 November" in part
    assert "<option" not in part
    assert "Asia/Tokyo" in visit("picker", day="2026-11-05")


def test_offsets_are_those_of_the_day_that_is_shown(visit, ada, hour):
    """London is an hour ahead of UTC by April, and nobody's clocks have changed yet."""
    open_for(ada, days=200)
    page = visit("picker-times", day="2027-04-05", timezone="Europe/London")
    assert '<strong id="picker-zone-name">Europe/London (UTC+1)</strong>' in page
    assert "Ada is in Europe/London (UTC+1)." in page
    assert "Europe/London (UTC+0)" in visit(day="2026-11-05", timezone="Europe/London")


def test_a_zone_chosen_here_outdoes_the_one_of_the_link(visit, hour):
    page = visit(timezone="Asia/Tokyo", day="2026-11-05")
    [there] = re.findall(r'id="picker-next" value="([^"]+)"', page)
    assert there == "/coaching/ada-okafor/?day=2026-11-05"


def test_who_has_nothing_free_is_told_where_to_go(visit, ada, hour):
    only_on(ada)
    page = visit()
    assert "Nothing free at the moment" in page
    only_on(ada, date(2026, 11, 20))
    assert "The next free day is Friday 20 November." in visit(day="2026-11-10")


@pytest.mark.parametrize("nonsense", ["2026-13", "1", "2026-11-03-01", "²026-01"])
def test_a_month_that_is_none_is_not_regarded(visit, hour, nonsense):
    assert "November 2026" in visit(month=nonsense)


def test_an_hour_that_occurs_twice_has_its_offset():
    """Clocks go back in London on 25 October 2026 at one o'clock UTC."""
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert slot_name(first, LONDON) == "Sunday 25 October, 01:30 UTC+1, Europe/London"
    assert slot_name(second, LONDON) == "Sunday 25 October, 01:30 UTC+0, Europe/London"
    assert slot_name(second + HOUR, LONDON) == "Sunday 25 October, 02:30, Europe/London"


@pytest.mark.parametrize("days", [1, 20])
def test_a_longer_strip_of_times_asks_the_same_questions(client, ada, hour, django_assert_num_queries, days):
    only_on(ada, *(date(2026, 11, 3 + n) for n in range(days)))
    client.get(PAGE)
    with django_assert_num_queries(8):
        client.get(PAGE, {"day": "2026-11-03"}, headers={"HX-Request": "true", "HX-Target": "picker-times"})


# What choosing means


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (48, "10:00 in Berlin for Ada. 100 % back until Tue 09:00, 50 % until Wed 07:00, then none."),
        (20, "06:00 in Berlin for Ada. 50 % back until Tue 03:00, then none."),
        (1, "11:00 in Berlin for Ada. Nothing comes back if you cancel."),
    ],
)
def test_the_consequence_names_the_coachs_time_and_the_deadlines_ahead(db, hours, said):
    sold = offer(coach(person("Ada Okafor"), timezone="Europe/Berlin"))
    assert consequence(sold, NOW + timedelta(hours=hours), zone=LONDON, now=NOW) == said


def test_on_another_day_for_the_coach_the_day_is_said(db):
    sold = offer(coach(person("Kenji Sato"), timezone="Asia/Tokyo"), price=0)
    at = datetime(2026, 11, 3, 18, tzinfo=UTC)
    assert consequence(sold, at, zone=LONDON, now=NOW) == "Wed 03:00 in Tokyo for Kenji."
