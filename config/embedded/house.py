"""Starts the embedded default piece by piece and stops it in reverse."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from hashlib import sha256
from subprocess import Popen
from threading import Thread
from types import FrameType

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import call_command, get_commands
from django.db import connections

from config.asgi import application
from config.embedded.address import Address
from config.embedded.alone import alone
from config.embedded.emulator import emulator
from config.embedded.jobs import jobs
from config.embedded.ports import Ports, claim
from config.embedded.postgres import Postgres
from config.embedded.refusal import CannotStartError
from config.embedded.web import Web
from core import clock


class House:
    """The running site and what it started. ``run`` returns when it was told to stop."""

    def __init__(self, *, demo: bool) -> None:
        self.demo = demo
        self.ports: Ports = settings.PORTS
        self.var = settings.VAR_DIR
        self.web: Web | None = None
        self.stopping = False
        self.failure = ""

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; raises ``CannotStartError`` where something is in the way."""
        self._mind_signals()
        with ExitStack() as started:
            try:
                self._start(started).run()
            finally:
                self.stopping = True

    def _start(self, started: ExitStack) -> Web:
        started.enter_context(alone(self.var))
        claimed = started.enter_context(claim(self.ports.site, "PORT (or --port)"))
        if settings.SIMULATED_PAYMENTS:
            claim(self.ports.emulator, "EMULATOR_PORT (or --emulator-port)").close()
        self.ports.remember(self.var)
        clock.thaw()
        self._start_database(started)
        self._start_emulator(started)
        self._seed_once()
        connections.close_all()
        started.enter_context(jobs())
        self.web = Web(application, claimed, ready=self._greet)
        return self.web

    def _start_database(self, started: ExitStack) -> None:
        if settings.DATABASE_EMBEDDED:
            self._say("Starting the database")
            postgres = Postgres(Address.below(self.var))
            started.callback(postgres.stop)
            postgres.start()
        call_command("migrate", interactive=False, verbosity=0)
        for complaint in run_checks(tags=[Tags.database], databases=["default"]):
            if complaint.is_serious():
                raise CannotStartError(f"{complaint.msg} {complaint.hint}")

    def _start_emulator(self, started: ExitStack) -> None:
        if not settings.SIMULATED_PAYMENTS:
            return
        process = started.enter_context(emulator(self.var, self.ports, settings.STRIPE_WEBHOOK_SECRET))
        Thread(target=self._watch, args=(process,), daemon=True).start()

    def _watch(self, process: Popen[bytes]) -> None:
        process.wait()
        if not self.stopping:
            self.failure = f"The Stripe emulator ended unexpectedly, see {self.var / 'emulator.log'}."
            self.stop()

    def _seed_once(self) -> None:
        database = connections["default"].settings_dict
        place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
        mark = self.var / f"seeded-{sha256(place.encode()).hexdigest()[:12]}"
        if not self.demo or mark.exists() or "seed_demo" not in get_commands():
            return
        self._say("Making the demo")
        call_command("seed_demo")
        mark.touch()

    def _mind_signals(self) -> None:
        # Our own handlers: a script's background job starts with SIGINT ignored, and must end on it too.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:
            return
        self.stop()
        if self.web is None:
            raise SystemExit

    def stop(self) -> None:
        """End what `run` serves; safe from any thread."""
        self.stopping = True
        if self.web is not None:
            self.web.stop()

    def _greet(self) -> None:
        lines = [f"{settings.SITE_NAME} is ready at {settings.SITE_URL}"]
        if settings.SIMULATED_PAYMENTS:
            lines.append(f"Payments are simulated by the Stripe emulator at {settings.STRIPE_API_BASE}")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            lines.append(f"Mail is written to {settings.EMAIL_FILE_PATH}")
        if self.demo:
            lines.append("Sign in as ben@demo.test (candidate) or ada@demo.test (coach) with demo-password")
        self._say("\n".join([*lines, "Ctrl-C stops it"]))

    def _say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
