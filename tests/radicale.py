"""A real CalDAV server, started by the test run in a temporary folder on a free loopback port."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.site import free_port

START_SECONDS = 20
PEOPLE = {"ada": "ada-secret", "ben": "ben-secret"}
CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/people
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/collections
[logging]
level = error
"""
NEW_CALENDAR = (
    '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
    "<displayname>{name}</displayname></prop></set></C:mkcalendar>"
)


@dataclass(frozen=True)
class Calendar:
    """A calendar of one person on the server; ``url`` ends in a slash."""

    url: str
    username: str
    password: str

    def put(self, ics: str | bytes, name: str = "") -> str:
        """Store a whole VCALENDAR and answer its address."""
        url = f"{self.url}{name or uuid4()}.ics"
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        self._ask("PUT", url, data=ics.encode() if isinstance(ics, str) else ics, headers=headers)
        return url

    def get(self, url: str) -> str:
        return self._ask("GET", url).text

    def delete(self, url: str) -> None:
        self._ask("DELETE", url)

    def events(self) -> list[str]:
        """Everything stored in it, as text."""
        listing = self._ask("PROPFIND", self.url, headers={"Depth": "1"}).text
        paths = [part.partition("</")[0] for part in listing.split("href>")[1:]]
        server = self.url.split("/", 3)
        base = "/".join(server[:3])
        return [self.get(base + path) for path in paths if path.endswith(".ics")]

    def _ask(self, method: str, url: str, **kwargs: object) -> requests.Response:
        answer = requests.request(method, url, auth=(self.username, self.password), timeout=10, **kwargs)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer


@dataclass(frozen=True)
class Radicale:
    """The running server; ``url`` ends in a slash."""

    url: str

    def calendar(self, person: str = "ada", name: str = "") -> Calendar:
        """A new, empty calendar of ``person`` (a key of PEOPLE)."""
        password = PEOPLE[person]
        url = f"{self.url}{person}/{uuid4()}/"
        body = NEW_CALENDAR.format(name=name or f"{person.title()}'s days")
        requests.request("MKCALENDAR", url, data=body, auth=(person, password), timeout=10).raise_for_status()
        return Calendar(url, person, password)


@contextmanager
def running_radicale(folder: Path, port: int | None = None) -> Iterator[Radicale]:
    """A server whose collections lie below ``folder``; stopped afterwards, whatever happened."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people").write_text("".join(f"{name}:{password}\n" for name, password in PEOPLE.items()))
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    process = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", str(folder / "config")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _answering(Radicale(f"http://127.0.0.1:{port}/"), process)
    finally:
        process.terminate()
        process.wait()


def _answering(server: Radicale, process: subprocess.Popen[bytes]) -> Radicale:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(server.url, timeout=1, allow_redirects=False)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return server
    raise RuntimeError("Radicale did not start.")


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """One server for the run; each test makes a calendar of its own."""
    with running_radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server
