from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.periodic import JOBS, Job
from integrations.stripe import emulation, ticking
from integrations.stripe.inbox import receive
from integrations.stripe.models import StripeEvent
from stripe_emulator.emulator import Emulator
from stripe_emulator.server import Server

pytestmark = pytest.mark.django_db


def tick(*words):
    said = StringIO()
    call_command("tick", *words, stdout=said)
    return dict(line.split(": ") for line in said.getvalue().splitlines())


@pytest.fixture
def job(monkeypatch):
    """A job that has something to do in its first three rounds; answers the instants it saw."""
    seen: list[datetime] = []

    def run(now):
        seen.append(now)
        return int(len(seen) <= 3)

    monkeypatch.setitem(JOBS, "water_plants", Job("water_plants", timedelta(hours=1), run))
    return seen


def test_it_goes_round_until_nothing_is_due_and_says_what_each_job_did(stripe, job, now):
    counts = tick()
    assert (counts["water_plants"], set(counts)) == ("3", {"emulator", *JOBS})
    assert set(job) == {now}


def test_the_clock_stands_at_the_given_instant_for_the_run_only(stripe, job, now):
    tick("--now", "2026-12-01T08:00:00Z")
    assert set(job) == {datetime.fromisoformat("2026-12-01T08:00:00+00:00")}
    assert clock.now() == now


@pytest.mark.parametrize("instant", ["yesterday", "2026-12-01T08:00:00", "9999-01-01T00:00:00Z"])
def test_an_instant_that_is_none_is_refused(stripe, instant):
    with pytest.raises(CommandError, match="--now"):
        tick("--now", instant)


def test_a_job_that_never_finishes_is_named(stripe, monkeypatch):
    monkeypatch.setattr(ticking, "MOST_ROUNDS", 5)
    monkeypatch.setitem(JOBS, "dig_holes", Job("dig_holes", timedelta(hours=1), lambda _now: 1))
    with pytest.raises(CommandError, match="dig_holes"):
        tick()


def test_it_waits_for_what_another_worker_has_claimed(stripe, thin, monkeypatch, now):
    receive(thin(), now=now)
    StripeEvent.objects.update(claimed_until=now + timedelta(seconds=60))
    pauses = []

    def other_worker_finishes(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            StripeEvent.objects.update(handled_at=now)

    monkeypatch.setattr(ticking, "sleep", other_worker_finishes)
    tick()
    assert len(pauses) == 4


def test_its_patience_with_a_dead_worker_ends(stripe, thin, monkeypatch, now):
    monkeypatch.setattr(ticking, "PATIENCE_SECONDS", 0)
    receive(thin(), now=now)
    StripeEvent.objects.update(claimed_until=now + timedelta(seconds=60))
    tick()
    assert StripeEvent.objects.claimed(now).exists()


def test_without_an_answer_of_the_emulator_it_says_so(settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:9"):
        tick()


def test_real_stripe_has_no_clock_to_advance(settings, now):
    settings.STRIPE_API_BASE = None
    assert emulation.advance(now) == 0
    with pytest.raises(emulation.EmulatorAwayError):
        emulation.control("clock")


def test_the_emulator_is_advanced_over_its_port(settings, now, tmp_path):
    server = Server(Emulator(), "127.0.0.1", 0)
    server.start()
    settings.STRIPE_API_BASE = server.url
    try:
        assert emulation.advance(now) == 0
    finally:
        server.stop()
