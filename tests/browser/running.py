"""The site with its demo, as ``make run`` starts it, in a folder of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.address import Address
from config.embedded.postgres import Postgres
from tests.site import DEMO_SECONDS, Site

GOODBYE_SECONDS = 20


@contextmanager
def running_site(var: Path) -> Iterator[Site]:
    """Ready, with the demo lived anew; stopped afterwards, whatever happened."""
    shutil.rmtree(var, ignore_errors=True)
    # Calendars are served by the tests themselves.
    site = Site(var, program=("manage.py", "run"), ALLOW_PRIVATE_ADDRESSES="on")
    try:
        yield site.wait_until_healthy(DEMO_SECONDS)
    finally:
        _stop(site)


def _stop(site: Site) -> None:
    site.process.send_signal(signal.SIGINT)
    try:
        site.process.wait(GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        site.process.kill()
        site.process.wait()
        Postgres(Address.below(site.var)).stop()
