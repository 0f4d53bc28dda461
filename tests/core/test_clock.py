from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import clock

CHRISTMAS = datetime(2026, 12, 24, 18, tzinfo=UTC)
A_MOMENT = timedelta(seconds=10)


@pytest.fixture(autouse=True)
def _own_file(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "var" / "clock.json"


def test_without_a_file_it_is_the_wall_clock():
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT


def test_it_can_be_set_and_runs_on():
    clock.set_to(CHRISTMAS)
    assert CHRISTMAS <= clock.now() < CHRISTMAS + A_MOMENT
    clock.advance(timedelta(days=1))
    assert clock.now() >= CHRISTMAS + timedelta(days=1)
    clock.reset()
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT


def test_frozen_it_stands_still_and_is_then_as_before():
    clock.set_to(CHRISTMAS)
    later = CHRISTMAS + timedelta(days=3)
    with clock.frozen_at(later):
        assert clock.now() == later
        assert clock.now() == later
    assert CHRISTMAS <= clock.now() < CHRISTMAS + A_MOMENT


def test_after_a_kill_time_runs_again_from_where_it_was_set():
    clock.set_to(CHRISTMAS)
    frozen = clock.frozen_at(CHRISTMAS + timedelta(days=3))
    frozen.__enter__()
    clock.thaw()
    assert CHRISTMAS <= clock.now() < CHRISTMAS + A_MOMENT
    clock.reset()
    clock.frozen_at(CHRISTMAS).__enter__()
    clock.thaw()
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT


def test_where_there_is_no_file_it_cannot_be_moved(settings):
    settings.CLOCK_FILE = None
    with pytest.raises(clock.ClockRefusedError):
        clock.set_to(CHRISTMAS)
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT


def test_the_command_moves_it_and_prints_it():
    out = StringIO()
    call_command("clock", "--set", "2026-12-24T19:00:00+01:00", stdout=out)
    assert out.getvalue().startswith("2026-12-24T18:00:0")
    assert out.getvalue().strip().endswith("Z")


def test_the_command_refuses_nonsense():
    with pytest.raises(CommandError):
        call_command("clock", "--set", "next week")
