from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.instants import zone_names
from scheduling.rules.availability import WEEKDAYS, Absence, Availability, Journey, Override, WallWindow
from scheduling.rules.availability_input import parse_availability
from scheduling.rules.expansion import expand, plan_of, scheduled
from scheduling.rules.recurrence import parse_rrule
from scheduling.rules.wallclock import ZoneClock, date_of, day_of, instant_of, minute_from, minute_of

ZONES = sorted(zone_names())
# Half an hour of daylight saving; quarter-hour offsets; a skipped date; changes at midnight.
CURIOUS = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
]
zones = st.one_of(st.sampled_from(CURIOUS), st.sampled_from(ZONES))


def windows(timezone, first, last=None, **body):
    """``(date, start, end)`` in UTC of every open window of these dates."""
    plan = plan_of(parse_availability({"timezone": timezone, **body}, default_timezone="UTC"))
    found = expand(plan, date.fromisoformat(first), date.fromisoformat(last or first))
    return [(f"{w.on}", f"{instant_of(w.start):%d %H:%M}", f"{instant_of(w.end):%d %H:%M}") for w in found]


def daily(*pairs):
    return {"weekly": {day: list(pairs) for day in WEEKDAYS}}


def test_wall_time_is_read_in_the_coachs_zone_on_its_own_date():
    assert windows("Europe/London", "2026-10-24", "2026-10-26", **daily(["09:00", "10:00"])) == [
        ("2026-10-24", "24 08:00", "24 09:00"),
        ("2026-10-25", "25 09:00", "25 10:00"),
        ("2026-10-26", "26 09:00", "26 10:00"),
    ]


@pytest.mark.parametrize(
    ("timezone", "on", "pair", "expected"),
    [
        # 01:00 to 02:00 do not exist in London that night: by the offset before, they come an hour later.
        ("Europe/London", "2027-03-28", ["01:30", "03:00"], ("28 01:30", "28 02:00")),
        ("Europe/London", "2027-03-28", ["00:30", "01:30"], ("28 00:30", "28 01:30")),
        # 01:00 to 02:00 occur twice: the first is meant, for a start and for an end.
        ("Europe/London", "2026-10-25", ["01:30", "03:00"], ("25 00:30", "25 03:00")),
        ("Europe/London", "2026-10-25", ["00:30", "01:30"], ("24 23:30", "25 00:30")),
        ("Australia/Lord_Howe", "2026-10-04", ["02:15", "03:00"], ("03 15:45", "03 16:00")),
        ("Australia/Lord_Howe", "2027-04-04", ["01:45", "02:15"], ("03 14:45", "03 15:45")),
        # Midnight itself is missing in Beirut.
        ("Asia/Beirut", "2026-03-29", ["00:00", "02:00"], ("28 22:00", "28 23:00")),
        # The thirtieth was skipped in Apia: it lands on the thirty-first.
        ("Pacific/Apia", "2011-12-30", ["09:00", "10:00"], ("30 19:00", "30 20:00")),
    ],
)
def test_times_that_are_missing_or_doubled_follow_the_rule(timezone, on, pair, expected):
    assert windows(timezone, on, **daily(pair)) == [(on, *expected)]


@pytest.mark.parametrize(
    ("timezone", "on", "pair"),
    [
        # 02:30 is missing and lands on 03:30 of the clock, which is after 03:15.
        ("America/New_York", "2027-03-14", ["02:30", "03:15"]),
        ("America/New_York", "2027-03-14", ["02:30", "03:30"]),
    ],
)
def test_a_window_that_ends_up_empty_or_reversed_offers_nothing(timezone, on, pair):
    assert windows(timezone, on, **daily(pair)) == []


def test_windows_of_one_date_that_touch_or_overlap_are_one():
    body = daily(
        ["13:00", "15:00"], ["09:00", "12:00"], ["12:00", "13:00"], ["14:00", "14:30"], ["20:00", "24:00"]
    )

    assert windows("UTC", "2026-11-24", **body) == [
        ("2026-11-24", "24 09:00", "24 15:00"),
        ("2026-11-24", "24 20:00", "25 00:00"),
    ]


def test_windows_of_two_dates_stay_two():
    assert windows("UTC", "2026-11-24", "2026-11-25", **daily(["00:00", "24:00"])) == [
        ("2026-11-24", "24 00:00", "25 00:00"),
        ("2026-11-25", "25 00:00", "26 00:00"),
    ]


def test_an_override_replaces_all_that_recurs_on_its_date_and_an_empty_one_closes_it():
    body = daily(["09:00", "17:00"]) | {
        "rules": [{"rrule": "FREQ=DAILY", "from": "2026-01-01", "windows": [["20:00", "21:00"]]}],
        "overrides": [
            {"date": "2026-12-24", "windows": []},
            {"date": "2026-12-26", "windows": [["11:00", "12:00"]]},
        ],
    }

    assert windows("UTC", "2026-12-24", "2026-12-27", **body) == [
        ("2026-12-25", "25 09:00", "25 17:00"),
        ("2026-12-25", "25 20:00", "25 21:00"),
        ("2026-12-26", "26 11:00", "26 12:00"),
        ("2026-12-27", "27 09:00", "27 17:00"),
        ("2026-12-27", "27 20:00", "27 21:00"),
    ]


def test_on_a_trip_dates_are_read_in_its_zone_the_last_day_included():
    body = daily(["09:00", "10:00"]) | {
        "travel": [{"from": "2026-12-02", "to": "2026-12-03", "timezone": "Asia/Tokyo"}],
        "overrides": [{"date": "2026-12-03", "windows": [["12:00", "13:00"]]}],
    }

    assert windows("Europe/London", "2026-12-01", "2026-12-04", **body) == [
        ("2026-12-01", "01 09:00", "01 10:00"),
        ("2026-12-02", "02 00:00", "02 01:00"),
        ("2026-12-03", "03 03:00", "03 04:00"),
        ("2026-12-04", "04 09:00", "04 10:00"),
    ]


def test_a_trip_without_an_end_goes_on():
    trip = {"from": "2026-12-02", "timezone": "Asia/Tokyo"}

    assert windows("UTC", "2030-05-05", travel=[trip], **daily(["09:00", "10:00"])) == [
        ("2030-05-05", "05 00:00", "05 01:00")
    ]


def test_time_off_cuts_and_leaves_the_grid_where_it_was():
    away = Absence(datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 10, 30, 20, tzinfo=UTC))
    plan = plan_of(Availability(timezone="UTC", weekly=((WallWindow(540, 720),),) * 7, time_off=(away, away)))

    found = expand(plan, date(2026, 11, 24), date(2026, 11, 24))

    midnight = day_of(date(2026, 11, 24)) * 1440
    assert [(w.start - midnight, w.end - midnight, w.anchor - midnight) for w in found] == [
        (540, 600, 540),
        (631, 720, 540),
    ]


# Against a slow and obvious reference.


@st.composite
def wall_windows(draw):
    start = draw(st.integers(0, 1435))
    return WallWindow(start, draw(st.integers(start + 1, 1440)))


DAYS_OF_WINDOWS = st.lists(wall_windows(), max_size=3).map(tuple)


def instant_on_wall(on, minute, timezone):
    """Wall time by the standard library: fold 0 is the offset before a gap and the first of two."""
    at = datetime.combine(on, time()) + timedelta(minutes=minute)
    return at.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def open_minutes_of(on, wall, timezone):
    start = instant_on_wall(on, wall.start, timezone)
    end = instant_on_wall(on, wall.end, timezone)
    minutes = set()
    while start < end:
        minutes.add(start)
        start += timedelta(minutes=1)
    return minutes


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    timezone=zones,
    abroad=zones,
    first=st.dates(date(2000, 1, 10), date(2040, 1, 1)),
    weekly=st.lists(DAYS_OF_WINDOWS, min_size=7, max_size=7).map(tuple),
    override=DAYS_OF_WINDOWS,
    ruled=wall_windows(),
    away=st.tuples(st.integers(0, 4000), st.integers(1, 2000)),
)
def test_the_open_minutes_are_the_references(*, timezone, abroad, first, weekly, override, ruled, away):
    dates = [first + timedelta(days=n) for n in range(4)]
    midnight = datetime.combine(first, time(), UTC)
    absence = Absence(midnight + timedelta(minutes=away[0]), midnight + timedelta(minutes=sum(away)))
    body = Availability(
        timezone=timezone,
        weekly=weekly,
        overrides=(Override(dates[1], override),),
        travel=(Journey(dates[2], dates[2], abroad),),
        time_off=(absence,),
    )
    every_other = parse_availability(
        {"rules": [{"rrule": "FREQ=DAILY;INTERVAL=3", "from": f"{first}", "windows": [ruled.as_json()]}]},
        default_timezone=timezone,
    )
    plan = plan_of(Availability(**{**_fields(body), "rules": every_other.rules}))

    found = expand(plan, dates[0], dates[-1])

    for on in dates:
        walls = weekly[on.weekday()] + ((ruled,) if on in {dates[0], dates[3]} else ())
        walls = override if on == dates[1] else walls
        zone = abroad if on == dates[2] else timezone
        expected = set().union(*(open_minutes_of(on, wall, zone) for wall in walls))
        expected = {at for at in expected if not absence.starts_at <= at < absence.ends_at}
        of_date = [window for window in found if window.on == on]
        assert {instant_of(m) for w in of_date for m in range(w.start, w.end)} == expected
        assert all(before.end < after.start for before, after in pairwise(of_date))


def _fields(availability):
    return {name: getattr(availability, name) for name in availability.__slots__}


@settings(max_examples=150, derandomize=True, deadline=None)
@given(timezone=zones, on=st.dates(date(2000, 1, 2), date(2060, 1, 1)))
def test_a_whole_day_has_as_many_minutes_as_the_day(timezone, on):
    plan = plan_of(Availability(timezone=timezone, weekly=((WallWindow(0, 1440),),) * 7))
    midnights = [instant_on_wall(on + timedelta(days=n), 0, timezone) for n in (0, 1)]

    minutes = sum(window.end - window.start for window in scheduled(plan, on, on))

    assert minutes == max((midnights[1] - midnights[0]) // timedelta(minutes=1), 0)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(timezone=zones, on=st.dates(date(2000, 1, 2), date(2060, 1, 1)), minute=st.integers(0, 1440))
def test_a_wall_time_is_the_instant_the_standard_library_gives(timezone, on, minute):
    at = instant_of(ZoneClock(timezone).minute(day_of(on) * 1440 + minute))

    assert at == instant_on_wall(on, minute, timezone)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(timezone=zones, at=st.datetimes(datetime(2000, 1, 2), datetime(2150, 1, 1)))  # noqa: DTZ001
def test_the_local_date_of_an_instant_is_that_of_the_standard_library(timezone, at):
    at = at.replace(tzinfo=UTC)

    assert date_of(ZoneClock(timezone).day(minute_of(at))) == at.astimezone(ZoneInfo(timezone)).date()


@pytest.mark.parametrize("timezone", CURIOUS)
def test_every_hour_around_every_change_is_right(timezone):
    clock = ZoneClock(timezone)
    for year in (2010, 2011, 2026, 2027):
        at = datetime(year, 1, 1, tzinfo=UTC)
        while at.year == year:
            assert clock.offset(minute_of(at)) == at.astimezone(ZoneInfo(timezone)).utcoffset() // timedelta(
                minutes=1
            )
            at += timedelta(minutes=90)


def test_minutes_round_away_from_what_they_cut():
    at = instant_of(100) + timedelta(microseconds=1)

    assert (minute_of(at), minute_from(at), minute_from(instant_of(100))) == (100, 101, 100)


def test_a_rule_begins_on_its_own_date():
    rule = parse_rrule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")

    assert list(rule.dates(date(2026, 12, 1), date(2026, 11, 1), date(2026, 12, 20))) == [
        date(2026, 12, 1),
        date(2026, 12, 15),
    ]
