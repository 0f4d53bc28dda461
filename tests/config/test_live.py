"""What a job sends reaches an open browser."""

from __future__ import annotations

import json
import shutil
import signal
import time
from statistics import median

import pytest
from django.conf import settings

from tests.config.sockets import Socket
from tests.site import Site

pytestmark = pytest.mark.slow

MESSAGES = 240


@pytest.fixture(scope="module")
def live_site():
    var = settings.VAR_DIR / f"live-{settings.WORKER}"
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    site = Site(var, program=("-m", "tests.config.live_site"))
    yield site
    site.process.kill()
    site.process.wait()


@pytest.fixture
def browser(live_site):
    live_site.wait_until_it_listens()
    opened = Socket(live_site.port, "/ws/")
    yield opened
    opened.close()


def test_of_240_messages_sent_by_jobs_at_once_none_is_lost(browser):
    browser.send(str(MESSAGES))
    received = [json.loads(browser.receive())["number"] for _ in range(MESSAGES)]
    assert sorted(received) == list(range(MESSAGES))


def test_a_message_of_a_job_reaches_an_open_browser_within_100_ms(browser, live_site):
    delays = []
    for _ in range(40):
        browser.send("1")
        sent_at = json.loads(browser.receive())["sent_at"]
        delays.append(time.time() - sent_at)
    assert median(delays) < 0.1, sorted(delays)
    browser.close()
    # How fast a site stops is measured on a whole one; this one has no database, and jobs that miss it.
    assert live_site.stop(signal.SIGTERM, seconds=30) == 0
