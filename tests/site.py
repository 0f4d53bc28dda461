"""A real ``manage.py run`` in a folder of its own, for tests that look at it from outside."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.architecture.rules import ROOT

START_SECONDS = 60
DEMO_SECONDS = 400  # a machine with two busy cores
STOP_SECONDS = 5


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(var, **more):
    """What a person's shell would hand over: nothing of the test run's own."""
    ours = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "NORTHSTAR_TEST_DB"}
    theirs = {name: value for name, value in os.environ.items() if name not in ours}
    return theirs | {"NORTHSTAR_VAR": str(var), "PYTHONUNBUFFERED": "1"} | more


def manage(var, *arguments, **more):
    """``manage.py`` with ``arguments``, run to its end."""
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(var, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class Site:
    """The process, its port and what it prints."""

    def __init__(self, var, program=("manage.py", "run", "--no-demo"), **more):
        self.var = var
        self.port, self.emulator_port = free_port(), free_port()
        self.printed = var.with_suffix(".out")
        command = [
            sys.executable,
            *program,
            "--port",
            str(self.port),
            "--emulator-port",
            str(self.emulator_port),
        ]
        with self.printed.open("w") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(var, **more),
                stdout=output,
                stderr=output,
                # As a script's background job has it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509
            )

    def wait_until_healthy(self, seconds=START_SECONDS):
        return self._wait_until(lambda: self.status("/healthz") == 200, seconds)

    def wait_until_it_listens(self):
        return self._wait_until(lambda: self.status("/") != "ConnectionRefusedError")

    def _wait_until(self, arrived, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while not arrived():
            assert self.process.poll() is None, self.printed.read_text()
            assert time.monotonic() < deadline, self.printed.read_text()
            time.sleep(0.05)
        return self

    def status(self, path, method="GET", body=None):
        """The status of one request, or what kept it from being answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        else:
            return answer.status
        finally:
            connection.close()

    def statuses_at_once(self, path, times):
        """How often each status came back when that many clients ask at the same moment."""
        with ThreadPoolExecutor(times) as clients:
            return Counter(clients.map(lambda _: self.status(path), range(times)))

    def stop(self, how=signal.SIGINT, seconds=STOP_SECONDS):
        """Signal it and give the exit status; too slow is an error."""
        self.process.send_signal(how)
        return self.process.wait(seconds)

    def descendants(self):
        """Ids of the processes it started, and of those they started."""
        listed = subprocess.run(
            ["ps", "-e", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
        return {int(pid) for pid, parent, _ in rows if int(parent) == self.process.pid}
