"""The Stripe emulator as a process of its own, which ends with ours."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from django.conf import settings

from config.embedded.ports import Ports
from config.embedded.refusal import CannotStartError

START_SECONDS = 20
STOP_SECONDS = 3
STATUS_OK = 200


@contextmanager
def emulator(var: Path, ports: Ports, webhook_secret: str) -> Iterator[subprocess.Popen[bytes]]:
    """The running emulator; its webhooks go to the site's port, its output to ``emulator.log``."""
    log = var / "emulator.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  (our own module, no shell)
            [
                *(sys.executable, "-m", "config.embedded.leash", "stripe_emulator"),
                *("--port", str(ports.emulator)),
                *("--store", str(var / "stripe.sqlite3")),
                *("--clock", str(var / "clock.json")),
                *("--destination", f"http://127.0.0.1:{ports.site}/stripe/webhooks/"),
                *("--secret", webhook_secret),
                *("--platform-name", settings.SITE_NAME),
                *("--country", settings.COUNTRY),
                *("--currency", settings.CURRENCY),
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=Path(__file__).resolve().parents[2],
            start_new_session=True,
        )
    try:
        _await(process, ports.emulator, log)
        yield process
    finally:
        _end(process)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStartError(f"The Stripe emulator did not start, see {log}.")
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == STATUS_OK
        except (OSError, HTTPException):
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
