from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import TemplateSyntaxError

from core.money import Money
from core.templatetags import formats
from core.templatetags.slots import parts_of_day

LONDON = "Europe/London"
TUESDAY = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "whole", "short"),
    [
        (12000, "usd", "$120.00", "$120"),
        (9750, "usd", "$97.50", "$97.50"),
        (0, "usd", "$0.00", "Free"),
        (-2400, "usd", "−$24.00", "−$24"),
        (1824000, "eur", "€18,240.00", "€18,240"),
        (1200, "jpy", "¥1,200", "¥1,200"),
        (1250, "kwd", "KWD\N{NO-BREAK SPACE}1.250", "KWD\N{NO-BREAK SPACE}1.250"),
        (2000, "kwd", "KWD\N{NO-BREAK SPACE}2.000", "KWD\N{NO-BREAK SPACE}2"),
        (5, "chf", "CHF\N{NO-BREAK SPACE}0.05", "CHF\N{NO-BREAK SPACE}0.05"),
        (12345678901234567, "usd", "$123,456,789,012,345.67", "$123,456,789,012,345.67"),
    ],
)
def test_money_is_written_by_the_exponent_of_its_currency(minor, currency, whole, short):
    assert formats.money(Money(minor, currency)) == whole
    assert formats.money_short(Money(minor, currency)) == short


def test_no_amount_is_nothing_and_a_fee_is_shown_as_taken_away():
    assert formats.money(None) == ""
    assert formats.money_short(None) == ""
    assert formats.negative(None) is None
    assert formats.money(formats.negative(Money(2400, "usd"))) == "−$24.00"


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        (LONDON, "UTC+0"),
        ("America/New_York", "UTC−5"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC−3:30"),
        ("Pacific/Kiritimati", "UTC+14"),
        ("Asia/Kathmandu", "UTC+5:45"),
    ],
)
def test_a_zone_is_named_by_its_offset(zone, offset):
    assert formats.utc_offset(TUESDAY, zone) == offset


def test_the_offset_is_that_of_the_instant_and_not_of_today():
    last_winter_hour = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert formats.zone_label(LONDON, last_winter_hour) == "Europe/London (UTC+0)"
    assert formats.zone_label(LONDON, last_winter_hour + timedelta(minutes=1)) == "Europe/London (UTC+1)"


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert formats.clock(first, LONDON) == formats.clock(second, LONDON) == "01:30"
    assert (formats.utc_offset(first, LONDON), formats.utc_offset(second, LONDON)) == ("UTC+1", "UTC+0")


def test_a_slot_has_its_full_name():
    assert formats.slot_name(TUESDAY, LONDON) == "Tuesday 24 November, 18:30, Europe/London"
    assert (
        formats.slot_name(TUESDAY, ZoneInfo("Asia/Kolkata")) == "Wednesday 25 November, 00:00, Asia/Kolkata"
    )
    assert formats.short_slot(TUESDAY, LONDON) == "Tue 18:30"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(hours=5, minutes=29), "Today"),
        (timedelta(hours=5, minutes=30), "Tomorrow"),
        (timedelta(hours=-18, minutes=-31), "Yesterday"),
        (timedelta(days=2), "Thu 26 Nov"),
        (timedelta(days=60), "Sat 23 Jan 2027"),
    ],
)
def test_days_are_relative_to_midnight_in_the_readers_zone(after, expected):
    assert formats.relative_day(TUESDAY + after, LONDON, TUESDAY) == expected


@pytest.mark.parametrize(
    ("style", "label", "shown"),
    [
        ("time", "none", "18:30"),
        ("short", "offset", 'Tue 24 Nov, 18:30 <span class="zone">UTC+0</span>'),
        ("long", "full", 'Tuesday 24 November 2026, 18:30 <span class="zone">Europe/London (UTC+0)</span>'),
        ("day", "none", "Tue 24 Nov"),
        ("long_day", "none", "Tuesday 24 November"),
        ("relative", "city", 'Today 18:30 <span class="zone">London</span>'),
    ],
)
def test_a_time_carries_its_instant_and_its_zone(style, label, shown):
    assert formats.local_time(TUESDAY, LONDON, style, label, now=TUESDAY) == (
        '<time datetime="2026-11-24T18:30:00Z" title="Tuesday 24 November, 18:30, Europe/London (UTC+0)">'
        f"{shown}</time>"
    )


def test_no_instant_is_nothing_and_a_relative_time_needs_a_now():
    assert formats.local_time(None, LONDON) == ""
    with pytest.raises(TemplateSyntaxError):
        formats.local_time(TUESDAY, LONDON, "relative")


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        formats.clock(TUESDAY, "../../etc/passwd")


def test_days_and_cities_are_written_out():
    assert formats.day(date(2026, 2, 1)) == "Sun 1 Feb"
    assert formats.long_day(TUESDAY, "Asia/Kolkata") == "Wednesday 25 November"
    assert formats.day(TUESDAY) == "Tue 24 Nov"
    assert formats.city("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert formats.zone_name("America/New_York") == "America/New York"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=10), "10 minutes"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=72), "72 hours"),
        (timedelta(days=7), "7 days"),
        (timedelta(0), "0 seconds"),
    ],
)
def test_lengths_of_time_are_whole_units(span, words):
    assert formats.duration(span) == words


def test_small_words():
    assert formats.duration(formats.minutes(720)) == "12 hours"
    assert (formats.percent(2000), formats.percent(1750)) == ("20 %", "17.5 %")
    assert formats.thousands(10482) == "10,482"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Okafor", "AO"),
        ("Hanna-Lisa (Mo) von Müller", "HM"),
        ("émile", "É"),
        ("", "?"),
        ("  ", "?"),
        ("(-)", "?"),
    ],
)
def test_initials(name, letters):
    assert formats.initials(name) == letters


def test_a_name_keeps_its_tint_and_names_spread_over_all_twelve():
    assert formats.tint("Ada Okafor") == formats.tint("Ada Okafor")
    assert {formats.tint(f"Person {number}") for number in range(200)} == set(range(1, 13))


def test_few_times_stay_together_and_many_are_cut_by_the_parts_of_the_local_day():
    hours = [datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (8, 9, 10, 12, 16, 17, 20)]
    assert parts_of_day(hours[:6], LONDON) == [("", hours[:6])]
    assert parts_of_day(hours, LONDON) == [
        ("Morning", hours[:3]),
        ("Afternoon", hours[3:5]),
        ("Evening", hours[5:]),
    ]
    assert parts_of_day([], LONDON) == []
