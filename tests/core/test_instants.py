from datetime import UTC, date, datetime

import pytest

from core.instants import instant_json, parse_day, parse_instant, parse_zone


def test_an_instant_is_read_with_its_offset():
    assert parse_instant("2026-11-24T18:30:00+01:00") == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    assert instant_json(parse_instant("2026-11-24T18:30:00Z")) == "2026-11-24T18:30:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T18:30:00",
        "tomorrow",
        "",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-11-24",
    ],
)
def test_what_is_no_sane_instant_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


def test_days_have_bounds():
    assert parse_day("2026-12-24") == date(2026, 12, 24)
    with pytest.raises(ValueError, match="2000"):
        parse_day("1999-12-31")


@pytest.mark.parametrize("text", ["20261224", "2026-W52-4", "2026-12-24T00:00", "2026-13-01", ""])
def test_a_day_has_one_form(text):
    with pytest.raises(ValueError, match=r"."):
        parse_day(text)


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "../etc/passwd", "", "Europe/london", "/etc/localtime", "localtime", "Factory"],
)
def test_a_zone_is_known_by_its_exact_name(name):
    with pytest.raises(ValueError, match="no time zone"):
        parse_zone(name)


def test_the_half_hour_zones_are_zones():
    assert parse_zone("Australia/Lord_Howe").key == "Australia/Lord_Howe"
