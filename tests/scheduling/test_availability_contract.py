"""The edges of ``me/availability``: what is just within, and the one form in which all is answered."""

from __future__ import annotations

import json

import pytest

from core import clock
from scheduling.models import OpenWindow
from scheduling.rules.availability_input import BOUNDS
from tests.scheduling.test_availability_api import DEFAULTS, NOW, URL, put

EDGES = [{name: edge} for name, bounds in BOUNDS.items() for edge in bounds]


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


@pytest.mark.parametrize("body", [*EDGES, {"max_per_day": None, "max_per_week": None}], ids=json.dumps)
def test_the_bounds_themselves_are_within(as_ada, body):
    answer = put(as_ada, {"timezone": "UTC", **body})

    assert answer.status_code == 200, answer.json()
    assert as_ada.get(URL).json() == {"timezone": "UTC", **DEFAULTS, **body}


def test_trips_may_follow_each_other_from_one_day_to_the_next(as_ada):
    travel = [
        {"from": "2026-12-01", "to": "2026-12-05", "timezone": "Asia/Tokyo"},
        {"from": "2026-12-06", "to": "2026-12-06", "timezone": "Asia/Seoul"},
        {"from": "2026-12-07", "to": None, "timezone": "Asia/Tokyo"},
    ]

    assert put(as_ada, {"timezone": "UTC", "travel": travel[::-1]}).json()["travel"] == travel


def test_instants_of_any_offset_are_answered_in_utc(as_ada):
    away = {"starts_at": "2026-12-24T09:00:00+05:30", "ends_at": "2026-12-24T00:00:00.25-08:00"}

    answer = put(as_ada, {"time_off": [away], "paused_until": "2026-12-01T00:00:00-05:00"}).json()

    assert answer["time_off"] == [
        {"starts_at": "2026-12-24T03:30:00Z", "ends_at": "2026-12-24T08:00:00.250000Z"}
    ]
    assert answer["paused_until"] == "2026-12-01T05:00:00Z"
    assert as_ada.get(URL).json() == answer


def test_windows_that_touch_or_overlap_stay_as_they_were_stated(as_ada, ada):
    stated = [["09:00", "12:00"], ["11:00", "13:00"], ["13:00", "14:00"]]

    answer = put(as_ada, {"timezone": "UTC", "weekly": {"monday": stated}, "booking_window_days": 7})

    assert answer.json()["weekly"]["monday"] == stated
    windows = OpenWindow.objects.filter(coach=ada, on="2026-11-30").values_list("period", flat=True)
    assert [(f"{period.lower:%H:%M}", f"{period.upper:%H:%M}") for period in windows] == [("09:00", "14:00")]
