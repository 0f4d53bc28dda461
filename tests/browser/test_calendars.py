"""A candidate's own calendar: connected, and the times at which it is busy hidden."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from core.instants import parse_instant
from tests.browser import acts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:dentist@tests
DTSTAMP:20260101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:Dentist
END:VEVENT
END:VCALENDAR
"""


@contextmanager
def published(text):
    """The address of a calendar, for as long as somebody serves it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar")
            self.end_headers()
            self.wfile.write(text.replace("\n", "\r\n").encode())

        def log_message(self, *_said):
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mine.ics"
    finally:
        server.shutdown()
        server.server_close()


def test_times_at_which_ones_own_calendar_is_busy_can_be_hidden(cleo):
    times = acts.slots(cleo.go(f"/coaching/{acts.PRIYA}/"))
    instants = [parse_instant(time.get_attribute("value")) for time in times.all()]
    taken = instants[0]
    with published(ICS.format(start=taken, end=taken + timedelta(minutes=10))) as address:
        cleo.go("/calendars/")
        cleo.page.get_by_role("textbox", name="Address").fill(address)
        cleo.press("Connect and read it")
        expect(cleo.page.get_by_text("Up to date")).to_be_visible()

        cleo.go(f"/coaching/{acts.PRIYA}/")
        own = times.filter(has=cleo.page.locator(f"xpath=self::*[@value='{taken:%Y-%m-%dT%H:%M:%SZ}']"))
        expect(own).to_have_count(1)
        cleo.tab_to(cleo.page.get_by_role("link", name="Hide when I am busy"))
        cleo.page.keyboard.press("Enter")
        expect(own).to_have_count(0)
        expect(cleo.page.locator("#picker")).to_contain_text("hidden: your own calendar is busy then")
        cleo.page.locator("#picker").get_by_role("link", name=re.compile("^Show (it|them)$")).click()
        expect(own).to_have_count(1)

        cleo.go("/calendars/")
        cleo.press(re.compile("^Disconnect"))
        expect(cleo.page.get_by_text("No calendar connected")).to_be_visible()
