"""A line of the log says what went wrong, and where."""

from __future__ import annotations

import subprocess
import sys

RUN = """
import logging, structlog
from config.logs import configure
configure({"level": "WARNING"})
for name, log in (("stdlib", logging.getLogger("a")), ("structlog", structlog.get_logger("b"))):
    try:
        {}[name]
    except KeyError:
        log.exception("it.failed")
"""


def test_a_traceback_is_a_field_of_its_one_line():
    run = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True)
    lines = run.stderr.splitlines()
    assert len(lines) == 2
    for line, key in zip(lines, ("stdlib", "structlog"), strict=True):
        assert "Traceback" in line
        assert f"KeyError: \\'{key}\\'" in line


FEEDS = """
import logging, structlog
from config.logs import configure
configure({"level": "WARNING"})
logging.getLogger("django.request").warning("%s: %s", "Too Many Requests", "/feeds/sEcret-1.ics")
structlog.get_logger("b").warning("refused /feeds/sEcret-2.ics")
logging.getLogger("urllib3.connection").warning("Failed to parse headers (url=https://a.test/sEcret-3)")
"""


def test_no_line_has_the_address_of_a_private_feed_or_a_published_calendar():
    run = subprocess.run([sys.executable, "-c", FEEDS], capture_output=True, text=True, check=True)
    assert [line.count("/feeds/….ics") for line in run.stderr.splitlines()] == [1, 1]
    assert "sEcret" not in run.stderr
