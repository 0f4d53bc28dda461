from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import TemplateSyntaxError

from core.locales import KNOWN, accepted, written_for
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


NBSP, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("header", "minor", "currency", "shown", "short"),
    [
        ("en-GB", 12_000, "usd", "$120.00", "$120"),
        ("en-CA,en;q=0.8", 12_000, "usd", "US$120.00", "US$120"),
        ("en-AU", 12_000, "usd", f"USD{NBSP}120.00", f"USD{NBSP}120"),
        ("en-AU", 12_000, "aud", "$120.00", "$120"),
        ("en-US", 12_000, "aud", "A$120.00", "A$120"),
        ("de-DE,de;q=0.9,en;q=0.8", 1_234_567, "usd", f"12.345,67{NBSP}$", f"12.345,67{NBSP}$"),
        ("de", 12_000, "eur", f"120,00{NBSP}€", f"120{NBSP}€"),
        ("de-CH", 123_456_700, "chf", f"CHF{NBSP}1’234’567.00", f"CHF{NBSP}1’234’567"),
        ("fr-FR", 123_456_700, "eur", f"1{THIN}234{THIN}567,00{NBSP}€", f"1{THIN}234{THIN}567{NBSP}€"),
        ("sv", -12_000, "sek", f"−120,00{NBSP}kr", f"−120{NBSP}kr"),
        ("hi-IN", 123_456_700, "inr", "₹12,34,567.00", "₹12,34,567"),
        ("ja", 1_200, "jpy", "￥1,200", "￥1,200"),
        ("zh-CN", 1_200, "jpy", "JP¥1,200", "JP¥1,200"),
        ("is", 120_000, "isk", f"1.200{NBSP}kr.", f"1.200{NBSP}kr."),
        ("en-US", 120_050, "isk", f"ISK{NBSP}1,200.50", f"ISK{NBSP}1,200.50"),
        (
            "ar-KW",
            1_250,
            "kwd",
            f"\u2068\u200f1.250{NBSP}د.ك.\u200f\u2069",
            f"\u2068\u200f1.250{NBSP}د.ك.\u200f\u2069",
        ),
        (
            "he",
            12_000,
            "usd",
            f"\u2068\u200f120.00{NBSP}\u200f$\u2069",
            f"\u2068\u200f120{NBSP}\u200f$\u2069",
        ),
    ],
)
def test_money_is_written_as_its_reader_reads_it(header, minor, currency, shown, short):
    with written_for(accepted(header)):
        assert formats.money(Money(minor, currency)) == shown
        assert formats.money_short(Money(minor, currency)) == short


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", "en_US"),
        ("*", "en_US"),
        ("tlh", "en_US"),
        ("tlh;q=0.9, de-AT;q=0.5", "de_AT"),
        ("de-LU", "de_DE"),
        ("pt-AO", "pt_PT"),
        ("en-GB;q=0.2, fr;q=0.7", "fr_FR"),
        ("x" * 5_000, "en_US"),
    ],
)
def test_of_what_a_browser_asks_for_the_first_that_is_known_counts(header, name):
    assert accepted(header) == name


@pytest.mark.parametrize("name", KNOWN)
def test_no_two_moneys_are_written_the_same(name):
    codes = ("usd", "aud", "cad", "nzd", "sgd", "hkd", "mxn", "sek", "dkk", "isk", "jpy", "cny", "gbp", "egp")
    with written_for(name):
        assert len(
            {formats.money(Money(120_000, code)).replace(".00", "").replace(",00", "") for code in codes}
        ) == len(codes)


def test_numbers_follow_the_reader_too():
    with written_for("de_DE"):
        assert (formats.thousands(10_000), formats.percent(1_750)) == ("10.000", "17,5 %")
    assert (formats.thousands(10_000), formats.percent(1_750)) == ("10,000", "17.5 %")


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
