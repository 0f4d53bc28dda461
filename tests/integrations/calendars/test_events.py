"""Shapes of events as programs write them, each in a file below ``shapes``, and when they are busy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integrations.calendars.errors import UnreadableError
from integrations.calendars.events import MOST_BUSY_TIMES, busy_times, title_of
from integrations.calendars.gateway import Busy, Question
from tests.integrations.calendars.written import calendar, event

FILES = Path(__file__).parent / "shapes"
BERLIN = ZoneInfo("Europe/Berlin")


def between(first, last, zone=BERLIN):
    """A question of Ada's, who is in Berlin, from midnight to midnight UTC."""
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last)]
    return Question(*days, zone, frozenset({"ada@demo.test"}))


TWO_WEEKS = between("2026-11-02", "2026-11-16")
ASKED = {
    "nine_oclock_when_summer_ends": between("2026-10-24", "2026-10-27"),
    "at_an_hour_that_comes_twice": between("2026-10-24", "2026-10-27"),
    "through_the_night_of_the_change": between("2026-10-24", "2026-10-27"),
    "nine_oclock_when_summer_begins": between("2027-03-27", "2027-03-30"),
    "at_an_hour_that_does_not_exist": between("2027-03-27", "2027-03-30"),
    "half_an_hour_forward": between("2026-10-01", "2026-10-06"),
    "last_friday_of_the_month": between("2026-11-02", "2027-01-02"),
    "leap_day_every_year": between("2028-02-27", "2028-03-02"),
}
"""Asked of all others: two weeks in November, when Berlin is an hour ahead of UTC."""
SHAPES = {
    "a_flight_between_zones": ["03 09:00 to 03 18:00"],
    "all_day": ["03 23:00 to 04 23:00"],
    "all_day_ending_on_the_day_itself": ["03 23:00 to 04 23:00"],
    "all_day_for_three_days": ["04 23:00 to 07 23:00"],
    "all_day_without_an_end": ["03 23:00 to 04 23:00"],
    "at_an_hour_that_comes_twice": ["25 00:30 to 25 00:45"],
    "at_an_hour_that_does_not_exist": ["28 01:30 to 28 02:00"],
    "at_no_time_at_all": ["03 09:00 to 03 10:00"],
    "birthday_every_year": ["09 23:00 to 10 23:00"],
    "cancelled": [],
    "declined_by_its_owner": [],
    "declined_by_somebody_else": ["03 09:00 to 03 10:00"],
    "ending_before_it_begins": ["03 09:00 to 03 10:00"],
    "every_other_week_from_sunday": ["08 09:00 to 08 10:00", "10 09:00 to 10 10:00"],
    "extra_dates": ["03 09:00 to 03 10:00", "04 09:00 to 04 10:00", "06 09:00 to 06 10:00"],
    "extra_dates_with_lengths": ["03 09:00 to 03 10:00", "05 09:00 to 05 11:00"],
    "floating": ["03 09:00 to 03 10:00"],
    "folded_lines_and_bare_newlines": ["03 09:00 to 03 10:00"],
    "free_and_busy": ["03 09:00 to 03 10:00", "03 12:00 to 03 12:30"],
    "free_in_outlook": [],
    "half_an_hour_forward": ["02 22:30 to 02 23:30", "03 22:00 to 03 23:00"],
    "in_a_named_zone": ["03 09:00 to 03 10:00"],
    "in_a_windows_zone": ["03 09:00 to 03 10:00"],
    "in_a_zone_of_its_own": ["03 04:30 to 03 05:30"],
    "in_a_zone_that_nobody_knows": ["03 09:00 to 03 10:00"],
    "in_utc": ["03 09:00 to 03 10:00"],
    "last_friday_of_the_month": ["27 15:00 to 27 16:00", "25 15:00 to 25 16:00"],
    "later_from_one_on": [
        "03 09:00 to 03 10:00",
        "04 09:00 to 04 10:00",
        "05 11:00 to 05 12:00",
        "06 11:00 to 06 12:00",
    ],
    "leap_day_every_year": ["28 23:00 to 29 23:00"],
    "moved_away_from_here": ["03 09:00 to 03 10:00"],
    "moved_here_from_months_away": ["12 09:00 to 12 10:00"],
    "nine_oclock_when_summer_begins": [
        "27 08:00 to 27 09:00",
        "28 07:00 to 28 08:00",
        "29 07:00 to 29 08:00",
    ],
    "nine_oclock_when_summer_ends": ["24 07:00 to 24 08:00", "25 08:00 to 25 09:00", "26 08:00 to 26 09:00"],
    "nothing_in_it": [],
    "one_of_a_series_alone": ["10 11:00 to 10 12:00"],
    "out_of_office_in_outlook": ["03 09:00 to 03 10:00"],
    "over_midnight": ["03 22:00 to 04 00:30"],
    "running_since_before": ["20 09:00 to 03 09:00"],
    "second_weekday_by_position": ["03 07:00 to 03 07:30"],
    "seen_twice": ["03 09:00 to 03 10:00"],
    "tentative": ["03 09:00 to 03 10:00"],
    "through_the_night_of_the_change": ["24 20:00 to 25 05:00"],
    "transparent": ["03 12:00 to 03 13:00"],
    "two_calendars_in_one_file": ["03 09:00 to 03 10:00", "04 09:00 to 04 10:00"],
    "until_a_date": ["01 23:00 to 02 23:00", "02 23:00 to 03 23:00"],
    "until_an_instant": ["02 09:00 to 02 10:00", "03 09:00 to 03 10:00"],
    "weekly_three_times": ["03 09:00 to 03 10:00", "10 09:00 to 10 10:00"],
    "weekly_with_one_cancelled": ["03 09:00 to 03 10:00"],
    "weekly_with_one_free": ["03 09:00 to 03 10:00"],
    "weekly_with_one_left_out": ["03 09:00 to 03 10:00"],
    "weekly_with_one_moved": ["03 09:00 to 03 10:00", "11 14:00 to 11 14:30"],
    "with_a_byte_order_mark": ["03 09:00 to 03 10:00"],
    "with_a_duration": ["03 09:00 to 03 10:30"],
    "with_alarms_and_attachments": ["03 09:00 to 03 10:00"],
    "without_a_length": [],
}


def days_of(busy):
    """Day of the month and time in UTC."""
    return [f"{each.starts_at:%d %H:%M} to {each.ends_at:%d %H:%M}" for each in busy]


def test_every_shape_is_expected():
    assert {path.stem for path in FILES.glob("*.ics")} == set(SHAPES)
    assert len(SHAPES) >= 30


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_an_event_is_busy_when_it_is(shape):
    data = (FILES / f"{shape}.ics").read_bytes()
    assert days_of(busy_times(data, ASKED.get(shape, TWO_WEEKS))) == SHAPES[shape]


@pytest.mark.parametrize(
    ("shape", "busy"),
    [
        ("floating", ["03 15:00 to 03 16:00"]),
        ("in_a_zone_that_nobody_knows", ["03 15:00 to 03 16:00"]),
        ("all_day", ["04 05:00 to 05 05:00"]),
        ("in_a_named_zone", ["03 09:00 to 03 10:00"]),
    ],
)
def test_what_names_no_zone_is_read_where_its_owner_is(shape, busy):
    asked = between("2026-11-02", "2026-11-16", ZoneInfo("America/New_York"))
    assert days_of(busy_times((FILES / f"{shape}.ics").read_bytes(), asked)) == busy


def test_edges_are_half_open():
    start = datetime(2026, 11, 3, 9, tzinfo=UTC)
    hour = timedelta(hours=1)
    data = calendar(event(start, start + hour))
    for from_at, to_at, found in [
        (start - hour, start, 0),
        (start - hour, start + timedelta(microseconds=1), 1),
        (start + hour, start + 2 * hour, 0),
        (start + hour - timedelta(microseconds=1), start + 2 * hour, 1),
    ]:
        assert len(busy_times(data, Question(from_at, to_at, BERLIN))) == found


def test_each_occurrence_keeps_the_uid_of_its_event():
    data = (FILES / "weekly_with_one_moved.ics").read_bytes()
    assert {busy.uid for busy in busy_times(data, TWO_WEEKS)} == {"a@calendar.test"}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "<html></html>",
        "BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        calendar(event(TWO_WEEKS.from_at, TWO_WEEKS.to_at))[:-30],
        b"\xff\xfe\x00B",
        calendar(["UID:a", "DTSTART:tomorrow"]),
        calendar(["UID:a", "DTSTART:20261103T090000Z", "DURATION:PT1H", "RRULE:FREQ=SOMETIMES"]),
        calendar(["UID:a", "DTSTART:20261103T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=many"]),
        calendar(head=["CALSCALE:HEBREW"]),
    ],
)
def test_what_cannot_be_understood_fails_all_of_it(data):
    with pytest.raises(UnreadableError):
        busy_times(data, TWO_WEEKS)


@pytest.mark.parametrize("often", ["HOURLY", "MINUTELY", "SECONDLY"])
def test_what_repeats_within_a_day_is_refused_before_any_work(often):
    lines = ["UID:a", "DTSTART:19700101T000000Z", "DURATION:PT1S", f"RRULE:FREQ={often}"]
    with pytest.raises(UnreadableError, match="more often than once a day"):
        busy_times(calendar(["UID:b", "DTSTART:20261103T090000Z"], lines), TWO_WEEKS)


NEVER = "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"
TWENTY_FIVE_A_DAY = "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40"


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        (NEVER, "cannot be understood"),
        ("FREQ=DAILY;INTERVAL=0", "cannot be understood"),
        (TWENTY_FIVE_A_DAY, "more often than once a day"),
    ],
)
def test_a_rule_that_would_be_followed_for_ever_is_refused(rule, refusal):
    lines = ["UID:a", "DTSTART:20261103T090000Z", "DURATION:PT1S", f"RRULE:{rule}"]
    with pytest.raises(UnreadableError, match=refusal):
        busy_times(calendar(lines), TWO_WEEKS)


@pytest.mark.parametrize(("first", "many"), [("00010101T090000Z", 8), ("20261001T090000Z", 8_000)])
def test_rules_that_are_too_much_work_altogether_are_refused_before_any_of_it(first, many):
    daily = [[f"UID:{n}", f"DTSTART:{first}", "DURATION:PT1S", "RRULE:FREQ=DAILY"] for n in range(many)]
    with pytest.raises(UnreadableError, match="too many events that repeat"):
        busy_times(calendar(*daily), TWO_WEEKS)


def test_hundreds_of_series_that_ended_years_ago_are_no_work():
    weekly = "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20170601T000000Z"
    ended = [[f"UID:{n}", "DTSTART:20160601T090000Z", "DURATION:PT1H", weekly] for n in range(1_000)]
    still = ["UID:a", "DTSTART:20261103T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=TU"]
    assert len(busy_times(calendar(*ended, still), TWO_WEEKS)) == 2


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=5", "FREQ=MONTHLY;BYMONTHDAY=31"]
)
def test_a_rule_that_waits_long_for_its_day_is_followed(rule):
    lines = ["UID:a", "DTSTART;VALUE=DATE:20240229", f"RRULE:{rule}"]
    assert busy_times(calendar(lines), between("2028-02-27", "2028-03-02")) == (
        [Busy(datetime(2028, 2, 28, 23, tzinfo=UTC), datetime(2028, 2, 29, 23, tzinfo=UTC), "a")]
        if "YEARLY" in rule
        else []
    )


def test_more_than_so_many_busy_times_are_refused(monkeypatch):
    monkeypatch.setattr("integrations.calendars.events.MOST_BUSY_TIMES", 3)
    daily = ["UID:a", "DTSTART:20261101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"]
    assert MOST_BUSY_TIMES > 3
    with pytest.raises(UnreadableError, match="too many"):
        busy_times(calendar(daily), TWO_WEEKS)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (calendar(name="Arbeit und Größe"), "Arbeit und Größe"),
        (calendar(), ""),
        (calendar() + calendar(name="Second"), ""),
    ],
)
def test_a_calendar_may_say_what_it_is_called(data, title):
    assert title_of(data) == title


def test_busy_times_are_in_order_and_seen_once():
    hour = timedelta(hours=1)
    start = datetime(2026, 11, 3, 9, tzinfo=UTC)
    data = calendar(event(start + hour, start + 2 * hour), event(start, start + hour)) + calendar(
        event(start, start + hour)
    )
    assert busy_times(data, TWO_WEEKS) == [
        Busy(start, start + hour, "meeting"),
        Busy(start + hour, start + 2 * hour, "meeting"),
    ]
