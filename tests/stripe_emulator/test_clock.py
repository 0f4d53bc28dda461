from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from stripe_emulator import Emulator, Settings
from stripe_emulator.clock import Clock, parse_instant


def near(moment, other):
    return abs(moment - other) < timedelta(seconds=5)


@pytest.mark.parametrize("content", [None, "", "  ", "{}"])
def test_a_missing_or_empty_file_is_wall_time(tmp_path, content):
    path = tmp_path / "clock.json"
    if content is not None:
        path.write_text(content)

    assert near(Clock(path).now(), datetime.now(UTC))


def test_an_offset_moves_the_time_and_lets_it_run(tmp_path):
    path = tmp_path / "clock.json"
    path.write_text('{"offset_seconds": 3600.5}')
    clock = Clock(path)

    first, second = clock.now(), clock.now()

    assert near(first, datetime.now(UTC) + timedelta(hours=1))
    assert second > first


def test_a_frozen_clock_stands_still_and_follows_the_file(tmp_path):
    path = tmp_path / "clock.json"
    path.write_text('{"frozen_at": "2026-11-24T18:30:00Z"}')
    clock = Clock(path)
    assert clock.now() == clock.now() == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)

    path.write_text('{"frozen_at": "2026-11-24T19:30:00+01:00", "x": 1}')
    assert clock.now() == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)

    path.unlink()
    assert near(clock.now(), datetime.now(UTC))


@pytest.mark.parametrize(
    "half_written", ['{"frozen_at": "2026-', "[]", '{"frozen_at": "noon"}', '{"offset_seconds": "x"}']
)
def test_a_half_written_file_leaves_the_last_good_reading(tmp_path, half_written):
    path = tmp_path / "clock.json"
    path.write_text('{"frozen_at": "2026-11-24T18:30:00Z"}')
    clock = Clock(path)
    good = clock.now()

    path.write_text(half_written)

    assert clock.now() == good


def test_without_a_file_the_emulator_keeps_its_own_time_across_restarts(tmp_path):
    store = tmp_path / "store.sqlite3"
    emulator = Emulator(Settings(), store=store)
    answer = emulator.control("POST", "clock", advance=86400).json()
    assert near(parse_instant(answer["now"]), datetime.now(UTC) + timedelta(days=1))
    emulator.close()

    again = Emulator(Settings(), store=store)

    assert near(again.now(), datetime.now(UTC) + timedelta(days=1))
    again.control("POST", "clock", now="2027-01-01T00:00:00Z")
    assert near(again.now(), datetime(2027, 1, 1, tzinfo=UTC))
    again.close()


def test_running_until_an_instant_does_not_touch_a_clock_that_others_own(shop):
    session = shop.session(expires_at=shop.now() + 1800)

    ran = shop.control("POST", "clock", now="2026-11-24T10:00:00Z")

    assert ran["now"] == "2026-11-24T10:00:00.000Z"
    assert ran["ran"]["expire_session"] == 1
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert json.loads(shop.clock.read_text()) == {"frozen_at": "2026-11-24T09:00:00Z"}
    assert shop.control("GET", "clock")["now"] == "2026-11-24T09:00:00.000Z"


def test_running_twice_does_nothing_twice(shop):
    shop.session(expires_at=shop.now() + 1800)
    shop.advance(hours=1)

    assert shop.control("POST", "clock")["ran"] == {"deliveries": 0}


def test_going_back_in_time_does_nothing(shop):
    shop.session(expires_at=shop.now() + 1800)

    assert shop.set_clock("2026-11-01T00:00:00Z") == {"deliveries": 0}
