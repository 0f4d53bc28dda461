from __future__ import annotations

import json
from typing import Any

import pytest

from core import clock
from core.instants import parse_instant
from scheduling.models import OpenWindow, Schedule
from scheduling.rules.availability import NUMBERS
from scheduling.rules.availability_input import LIMITS

URL = "/api/v1/me/availability/"
NOW = parse_instant("2026-11-24T08:00:00Z")
EMPTY_WEEK: dict[str, list[list[str]]] = {
    "monday": [],
    "tuesday": [],
    "wednesday": [],
    "thursday": [],
    "friday": [],
    "saturday": [],
    "sunday": [],
}
DEFAULTS: dict[str, object] = {
    "weekly": EMPTY_WEEK,
    "rules": [],
    "overrides": [],
    "time_off": [],
    "travel": [],
    "paused_until": None,
    "slot_interval_minutes": 30,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "minimum_notice_minutes": 720,
    "booking_window_days": 60,
    "max_per_day": None,
    "max_per_week": None,
}
EVERYTHING = {
    "timezone": "Europe/London",
    "weekly": {**EMPTY_WEEK, "monday": [["09:00", "12:00"], ["13:00", "24:00"]]},
    "rules": [
        {
            "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "from": "2026-12-01",
            "windows": [["18:00", "20:00"], ["21:00", "22:00"]],
        },
        {
            "rrule": "FREQ=MONTHLY;BYDAY=2TH,-1TH;COUNT=9",
            "from": "2026-12-01",
            "windows": [["07:00", "08:00"]],
        },
        {"rrule": "FREQ=DAILY;UNTIL=20270101;WKST=SU", "from": "2026-12-30", "windows": [["05:00", "06:00"]]},
    ],
    "overrides": [
        {"date": "2026-12-24", "windows": []},
        {"date": "2026-12-28", "windows": [["10:00", "11:00"], ["15:30", "16:00"]]},
    ],
    "time_off": [{"starts_at": "2026-12-07T08:00:00Z", "ends_at": "2026-12-08T08:00:00.500000Z"}],
    "travel": [
        {"from": "2026-12-10", "to": "2026-12-20", "timezone": "America/New_York"},
        {"from": "2027-01-01", "to": None, "timezone": "Asia/Tokyo"},
    ],
    "paused_until": "2026-11-25T00:00:00Z",
    "slot_interval_minutes": 20,
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "minimum_notice_minutes": 0,
    "booking_window_days": 90,
    "max_per_day": 3,
    "max_per_week": 12,
}


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def put(client, body):
    return client.put(URL, data=json.dumps(body), content_type="application/json")


def test_before_anything_was_said_the_defaults_stand_in_the_coachs_own_zone(as_ada, ada):
    ada.timezone = "Asia/Kathmandu"
    ada.save()

    assert as_ada.get(URL).json() == {"timezone": "Asia/Kathmandu", **DEFAULTS}
    assert not Schedule.objects.exists()


def test_what_was_put_is_what_is_read(as_ada):
    answer = put(as_ada, EVERYTHING)

    assert answer.status_code == 200, answer.json()
    assert answer.json() == EVERYTHING
    assert as_ada.get(URL).json() == EVERYTHING


def test_put_replaces_all_and_missing_keys_take_defaults(as_ada):
    put(as_ada, EVERYTHING)

    put(as_ada, {"timezone": "Asia/Tokyo"})

    assert as_ada.get(URL).json() == {"timezone": "Asia/Tokyo", **DEFAULTS}
    assert not OpenWindow.objects.exists()


def test_a_missing_zone_is_the_one_that_holds(as_ada):
    put(as_ada, EVERYTHING)

    assert put(as_ada, {}).json() == {"timezone": "Europe/London", **DEFAULTS}


def test_it_takes_effect_before_the_answer_is_sent(as_ada, ada):
    put(as_ada, {"timezone": "UTC", "weekly": {"monday": [["09:00", "10:00"]]}, "booking_window_days": 7})

    windows = OpenWindow.objects.filter(coach=ada, on="2026-11-30").values_list("period", "anchor_at")
    nine, ten = parse_instant("2026-11-30T09:00:00Z"), parse_instant("2026-11-30T10:00:00Z")
    assert [((period.lower, period.upper), anchor) for period, anchor in windows] == [((nine, ten), nine)]


def test_a_stranger_changes_his_own_schedule_and_nobody_elses(as_ada, client, cleo):
    put(as_ada, EVERYTHING)
    client.force_login(cleo)

    put(client, {"timezone": "Asia/Tokyo"})

    assert client.get(URL).json() == {"timezone": "Asia/Tokyo", **DEFAULTS}
    assert Schedule.objects.get(coach__email="ada@demo.test").timezone == "Europe/London"


def test_who_is_not_signed_in_is_asked_to(client, db):
    assert client.get(URL).status_code == 401
    assert put(client, {}).status_code == 401


NINE_TO_TEN = [["09:00", "10:00"]]
NO_NUMBERS: tuple[Any, ...] = (30.0, "30", [], {}, True, -1)
NO_LISTS: tuple[Any, ...] = (None, "", {})
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"timezone": "Mars/Olympus"}, ["timezone"]),
    ({"timezone": "../../etc/passwd"}, ["timezone"]),
    ({"timezone": None}, ["timezone"]),
    ({"colour": "red"}, ["colour"]),
    ({"weekly": {"funday": NINE_TO_TEN}}, ["weekly", "funday"]),
    ({"weekly": []}, ["weekly"]),
    ({"weekly": {"monday": "always"}}, ["weekly", "monday"]),
    ({"weekly": {"monday": [["09:00"]]}}, ["weekly", "monday", "0"]),
    ({"weekly": {"monday": [*NINE_TO_TEN, ["9:00", "10:00"]]}}, ["weekly", "monday", "1"]),
    ({"weekly": {"monday": [["10:00", "10:00"]]}}, ["weekly", "monday", "0"]),
    ({"weekly": {"monday": [["22:00", "02:00"]]}}, ["weekly", "monday", "0"]),
    ({"weekly": {"monday": [["24:00", "24:00"]]}}, ["weekly", "monday", "0"]),
    ({"weekly": {"monday": [["09:00", "24:01"]]}}, ["weekly", "monday", "0"]),
    ({"weekly": {"monday": NINE_TO_TEN * 49}}, ["weekly", "monday"]),
    (
        {"rules": [{"rrule": "FREQ=HOURLY", "from": "2026-12-01", "windows": NINE_TO_TEN}]},
        ["rules", "0", "rrule"],
    ),
    ({"rules": [{"rrule": "", "from": "2026-12-01", "windows": NINE_TO_TEN}]}, ["rules", "0", "rrule"]),
    ({"rules": [{"rrule": 7, "from": "2026-12-01", "windows": NINE_TO_TEN}]}, ["rules", "0", "rrule"]),
    ({"rules": [{"rrule": "FREQ=DAILY", "from": "soon", "windows": NINE_TO_TEN}]}, ["rules", "0", "from"]),
    ({"rules": [{"rrule": "FREQ=DAILY", "from": "2026-12-01", "windows": []}]}, ["rules", "0", "windows"]),
    ({"rules": [{"rrule": "FREQ=DAILY", "from": "2026-12-01"}]}, ["rules", "0", "windows"]),
    ({"rules": ["FREQ=DAILY"]}, ["rules", "0"]),
    ({"rules": {}}, ["rules"]),
    ({"overrides": [{"date": "2026-13-01", "windows": []}]}, ["overrides", "0", "date"]),
    ({"overrides": [{"date": "1066-10-14", "windows": []}]}, ["overrides", "0", "date"]),
    ({"overrides": [{"date": "20261224", "windows": []}]}, ["overrides", "0", "date"]),
    ({"overrides": [{"date": "2026-W52-4", "windows": []}]}, ["overrides", "0", "date"]),
    ({"overrides": [{"windows": []}]}, ["overrides", "0", "date"]),
    ({"overrides": [{"date": "2026-12-24", "windows": None}]}, ["overrides", "0", "windows"]),
    (
        {"overrides": [{"date": "2026-12-24", "windows": [["12:00", "09:00"]]}]},
        ["overrides", "0", "windows", "0"],
    ),
    ({"overrides": [{"date": "2026-12-01"}, {"date": "2026-12-01"}]}, ["overrides", "1", "date"]),
    ({"overrides": [{"date": "2026-12-01", "closed": True}]}, ["overrides", "0", "closed"]),
    ({"overrides": [7]}, ["overrides", "0"]),
    (
        {"time_off": [{"starts_at": "2026-12-01T00:00:00", "ends_at": "2026-12-02T00:00:00Z"}]},
        ["time_off", "0", "starts_at"],
    ),
    (
        {"time_off": [{"starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z"}]},
        ["time_off", "0", "ends_at"],
    ),
    ({"time_off": [None]}, ["time_off", "0"]),
    ({"travel": [{"from": "2026-12-02", "to": "2026-12-01", "timezone": "UTC"}]}, ["travel", "0", "to"]),
    ({"travel": [{"from": "2026-12-02", "to": "2026-12-03"}]}, ["travel", "0", "timezone"]),
    ({"travel": [{"to": "2026-12-03", "timezone": "UTC"}]}, ["travel", "0", "from"]),
    ({"travel": [3]}, ["travel", "0"]),
    (
        {
            "travel": [
                {"from": "2026-12-05", "to": "2026-12-09", "timezone": "UTC"},
                {"from": "2026-12-01", "to": "2026-12-05", "timezone": "UTC"},
            ]
        },
        ["travel", "0", "from"],
    ),
    (
        {
            "travel": [
                {"from": "2026-12-01", "to": None, "timezone": "UTC"},
                {"from": "2027-12-01", "to": "2027-12-05", "timezone": "UTC"},
            ]
        },
        ["travel", "1", "from"],
    ),
    (
        {"travel": [{"from": "2026-12-02", "to": None, "timezone": "Mars/Olympus"}]},
        ["travel", "0", "timezone"],
    ),
    ({"travel": [{"from": "2026-12-02", "timezone": "UTC", "until": None}]}, ["travel", "0", "until"]),
    (
        {"time_off": [{"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z", "why": ""}]},
        ["time_off", "0", "why"],
    ),
    (
        {"rules": [{"rrule": "FREQ=WEEKLY;BYHOUR=9", "from": "2026-12-01", "windows": NINE_TO_TEN}]},
        ["rules", "0", "rrule"],
    ),
    (
        {
            "rules": [
                {"rrule": "FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "from": "2026-12-01", "windows": NINE_TO_TEN}
            ]
        },
        ["rules", "0", "rrule"],
    ),
    (
        {"rules": [{"rrule": "FREQ=DAILY", "from": "2026-12-01", "windows": NINE_TO_TEN, "to": None}]},
        ["rules", "0", "to"],
    ),
    ({"paused_until": "tomorrow"}, ["paused_until"]),
    ({"paused_until": "2026-12-01T00:00:00"}, ["paused_until"]),
    ({"paused_until": 1_800_000_000}, ["paused_until"]),
    ({"slot_interval_minutes": 4}, ["slot_interval_minutes"]),
    ({"slot_interval_minutes": 121}, ["slot_interval_minutes"]),
    ({"slot_interval_minutes": "30"}, ["slot_interval_minutes"]),
    ({"slot_interval_minutes": None}, ["slot_interval_minutes"]),
    ({"buffer_before_minutes": -1}, ["buffer_before_minutes"]),
    ({"buffer_after_minutes": 241}, ["buffer_after_minutes"]),
    ({"minimum_notice_minutes": 43_201}, ["minimum_notice_minutes"]),
    ({"booking_window_days": 0}, ["booking_window_days"]),
    ({"booking_window_days": 731}, ["booking_window_days"]),
    ({"max_per_day": 0}, ["max_per_day"]),
    ({"max_per_week": True}, ["max_per_week"]),
    *(({name: wrong}, [name]) for name in NUMBERS for wrong in NO_NUMBERS),
    *(({name: None}, [name]) for name in NUMBERS if name not in LIMITS),
    *(({name: wrong}, [name]) for name in ("rules", "overrides", "time_off", "travel") for wrong in NO_LISTS),
]


@pytest.mark.parametrize(("body", "path"), REFUSED, ids=lambda value: json.dumps(value)[:60])
def test_what_makes_no_sense_is_refused_in_its_own_place_and_nothing_is_lost(as_ada, body, path):
    put(as_ada, EVERYTHING)

    answer = put(as_ada, body)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    place = error["fields"]
    for step in path:
        assert list(place) == [step]
        place = place[step]
    assert len(place) == 1
    assert place[0].endswith(".") or '"' in place[0]
    assert as_ada.get(URL).json() == EVERYTHING


def test_all_complaints_come_at_once(as_ada):
    body = {"slot_interval_minutes": 4, "weekly": {"monday": [["1", "2"]], "friday": [["12:00", "11:00"]]}}

    fields = put(as_ada, body).json()["error"]["fields"]

    assert {name: list(place) for name, place in fields["weekly"].items()} == {
        "monday": ["0"],
        "friday": ["0"],
    }
    assert "slot_interval_minutes" in fields


BROKEN = [
    b"\xff\xfe",
    b"[]",
    b"7",
    b'"x"',
    b"{",
    b'{"weekly": NaN}',
    b'{"\\ud800": 1}',
    b'{"timezone": "\\udfff"}',
    b"[" * 100_000,
    b'{"max_per_day": ' + b"9" * 5_000 + b"}",
]


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: body[:20].decode(errors="ignore"))
def test_a_body_that_is_no_object_is_refused(as_ada, body):
    answer = as_ada.put(URL, data=body, content_type="application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


def test_saying_the_same_twice_is_saying_it_once(as_ada, ada):
    put(as_ada, EVERYTHING)
    before = set(OpenWindow.objects.values_list("pk", flat=True))
    events = set(Schedule.objects.get(coach=ada).calendar.events.values_list("pk", flat=True))

    put(as_ada, EVERYTHING)

    assert set(OpenWindow.objects.values_list("pk", flat=True)) == before
    assert set(Schedule.objects.get(coach=ada).calendar.events.values_list("pk", flat=True)) == events
