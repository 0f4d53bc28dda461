"""What a job sends reaches an open browser."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import struct
import time
from statistics import median

import pytest
from django.conf import settings

from tests.site import Site

pytestmark = pytest.mark.slow

MESSAGES = 240


class Socket:
    """As much of RFC 6455 as a reader of short text messages needs."""

    def __init__(self, port, path):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode())
        self.stream = self.connection.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass

    def send(self, text):
        """A masked frame, as clients have to; the mask of zeros changes nothing."""
        self.connection.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode())

    def close(self):
        self.stream.close()
        self.connection.close()

    def receive(self):
        """The next text message; the frames of this server are short and not masked."""
        opcode, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.stream.read(2))
        assert opcode == 0x81
        return self.stream.read(length).decode()


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
    assert live_site.stop(signal.SIGTERM) == 0
