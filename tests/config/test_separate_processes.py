"""With PostgreSQL and Redis given, the same code runs as the four processes that the README names."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from redis import Redis

from tests.architecture.rules import ROOT
from tests.config.sockets import Socket
from tests.site import environment, free_port

pytestmark = [pytest.mark.backend, pytest.mark.services, pytest.mark.slow]

DATABASE = "northstar_separate"
SHELF = 15  # of Redis: what other tests sent waits on another
SECONDS = 120
BIN = Path(sys.executable).parent
CAST = """
import django
django.setup()
from tests.marketplace.cast import coach, person
coach(person("Ada Okafor"))
"""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """What all four are told; a database of their own, gone afterwards."""
    given = urlsplit(os.environ["DATABASE_URL"])
    own = urlunsplit(given._replace(path=f"/{DATABASE}"))
    with closing(psycopg2.connect(given.geturl())) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE}")
        shelf = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{SHELF}"))
        with closing(Redis.from_url(shelf)) as redis:
            redis.flushdb()
        yield environment(tmp_path_factory.mktemp("separate"), DATABASE_URL=own, REDIS_URL=shelf)
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


@pytest.fixture(scope="module")
def house(surroundings):
    """The ports of HTTP and of the sockets, once everything answers."""
    _run(surroundings, "manage.py", "migrate", "--verbosity", "0")
    _run(surroundings, "-c", CAST, DJANGO_SETTINGS_MODULE="config.settings.test")
    web, sockets = free_port(), free_port()
    with ExitStack() as running:
        for command in (
            f"gunicorn config.wsgi --worker-class gthread --threads 8 --bind 127.0.0.1:{web}",
            f"daphne --bind 127.0.0.1 --port {sockets} config.asgi:application",
            "celery -A config worker --concurrency 1",
            "celery -A config beat",
        ):
            running.callback(_stop, _start(surroundings, *command.split()))
        _wait_for(lambda: _answer(web, "GET", "/healthz")[0] == 200)
        _wait_for(lambda: _answer(sockets, "GET", "/")[0] != 0)
        yield web, sockets


def _run(surroundings, *arguments, **more):
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings | more, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _start(surroundings, program, *arguments):
    return subprocess.Popen(
        [str(BIN / program), *arguments],
        cwd=ROOT,
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _stop(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def _wait_for(arrived):
    deadline = time.monotonic() + SECONDS
    while not arrived():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _answer(port, method, path, body=None, **headers):
    """Status and body; 0 where nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def test_beat_reaches_the_worker_and_the_site_says_so(house):
    web, _ = house
    assert _answer(web, "GET", "/healthz") == (200, b'{"status": "ok"}')


def test_what_the_web_wrote_the_worker_tells_an_open_browser(house, surroundings):
    web, sockets = house
    token = _run(surroundings, "manage.py", "api_token", "ada@demo.test").split()[1]
    looking = Socket(sockets, "/ws/coaches/ada-okafor/slots/", f"Origin: http://127.0.0.1:{sockets}")
    week = {"weekly": {"monday": [["09:00", "12:00"]]}}
    status, answer = _answer(
        web,
        "PUT",
        "/api/v1/me/availability/",
        week,
        **{"Authorization": f"Token {token}", "Content-Type": "application/json"},
    )
    assert (status, json.loads(answer)["weekly"]["monday"]) == (200, [["09:00", "12:00"]])
    assert json.loads(looking.receive())["type"] == "slots.changed"
    looking.close()
