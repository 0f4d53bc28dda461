"""A worker in a process of its own, and the test's Stripe as it reaches it: over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from django.db import connection

from stripe_emulator.server import Server
from tests.architecture.rules import ROOT

KILLED = -signal.SIGKILL


class Worker:
    """``die(point, act, about)``: begin an act and be killed at that point of it."""

    def __init__(self, process, stripe_url, clock) -> None:
        self.process, self.stripe_url, self.clock = process, stripe_url, clock

    def die(self, point: str, act: str, about: object) -> None:
        with self.at_work(act, about, point=point):
            """It kills itself."""

    @contextmanager
    def at_work(self, act: str, about: object, *, point: str = ""):
        """Its process id while it works; it has to be killed by the end."""
        names = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
        job = {"point": point, "act": act, "about": str(about), "stripe": self.stripe_url}
        job |= {"clock": str(self.clock), "database": {n: connection.settings_dict[n] for n in names}}
        print(json.dumps(job), file=self.process.stdin, flush=True)
        yield int(self.process.stdout.readline())
        assert int(self.process.stdout.readline()) == KILLED


@pytest.fixture(scope="module")
def zygote():
    """Started once: each worker is a fork of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.recovery.worker"],
        cwd=ROOT,
        # Any address: each worker is told the test's own database.
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "postgres://127.0.0.1/any"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.stdin.close()
    process.wait(20)
    process.stdout.close()


@pytest.fixture
def worker(zygote, transactional_db, stripe, settings):
    """The test's emulator answers it over HTTP; nothing is delivered but by the test."""
    server = Server(stripe.emulator, "127.0.0.1", 0)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    yield Worker(zygote, server.url, settings.CLOCK_FILE)
    server.stopping.set()
    server.shutdown()
    server.server_close()
    serving.join()
