"""The emulator: requests in, responses out; due work and deliveries besides."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from stripe_emulator import api, control, delivery, pages
from stripe_emulator.agenda import Agenda
from stripe_emulator.clock import Clock
from stripe_emulator.delivery import Deliveries
from stripe_emulator.errors import ApiError, Missing
from stripe_emulator.faults import LOST, Faults
from stripe_emulator.http import Request, Response
from stripe_emulator.resources import event_destinations, test_clocks
from stripe_emulator.settings import Settings
from stripe_emulator.store import Record, Store
from stripe_emulator.world import World

T = TypeVar("T")
KEPT = {"seed", "platform", "number", "clock_offset"}
"""What a reset leaves alone besides the destinations: who we are, what was named, what time it is."""


class Emulator:
    """A local Stripe. ``handle(request)`` is all a transport needs.

    `store`: a SQLite file that survives restarts, else memory. `clock`: a file somebody else keeps the time
    in. `sender` posts deliveries; give your own to receive webhooks without a network.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        store: Path | None = None,
        clock: Path | None = None,
        sender: delivery.Sender = delivery.post,
    ) -> None:
        self.settings = settings or Settings()
        self.lock = threading.RLock()
        self.store = Store(store)
        self.clock = Clock(clock)
        self.world = World(self.store, self.clock, self.settings)
        self.faults = Faults()
        self.agenda = Agenda(self.world)
        self.api = api.Api(self.world, self.agenda, self.lock)
        self.deliveries = Deliveries(self.world, self.lock, self.faults, sender)
        self._reload()

    def add_destination(self, url: str, secret: str, payload: str = "thin") -> Record:
        """Send every event to `url`, ``thin`` or as ``snapshot``; doing it again changes the secret."""
        if not secret.strip():
            raise ValueError("a destination needs a secret: an empty one can be forged by anybody")
        with self.lock, self.store.step():
            return event_destinations.configure(self.world, url, payload, secret)

    def keep_destinations(self, urls: Iterable[str]) -> None:
        """Forget the destinations of earlier starts that are not among `urls`."""
        with self.lock, self.store.step():
            event_destinations.forget_others(self.world, set(urls))

    def close(self) -> None:
        with self.lock:
            self.store.close()

    # requests

    def handle(self, request: Request) -> Response:
        """Answer any request: of the API, of the controls, of a browser."""
        if request.path.startswith(api.PATHS):
            return self._under_fault(request)
        if request.is_foreign:
            return Response.of({"error": {"message": "This was sent by a page of another site."}}, 403)
        side = control.answer if request.path.startswith(control.PREFIX) else pages.answer
        return side(self, request)

    def control(self, method: str, path: str, **given: Any) -> Response:
        """Use a control from within the process: ``control("POST", "faults", kind="reset")``."""
        return control.answer(self, Request(method, control.PREFIX + path, body=json.dumps(given).encode()))

    def perform(self, action: Callable[[], T], about: str = "") -> T:
        """Do something to the world as one step, after whatever was due. What a kept refusal wrote stays.

        `about`: the object it is done to, whose test clock then tells the time.
        """
        with self.lock:
            self.agenda.run(self.world.now())
            with self.store.step(), test_clocks.followed(self.world, [about]):
                try:
                    return action()
                except ApiError as error:
                    if not error.keep:
                        raise
                    refusal = error
            raise refusal

    def _under_fault(self, request: Request) -> Response:
        with self.lock:
            fault = self.faults.on_request(request.method, request.path)
        if fault is not None and fault.kind in ("timeout_before", "reset"):
            return Response(lost=LOST[fault.kind], wait=fault.seconds)
        response = self.api.answer(request, fault)
        if fault is None:
            return response
        if fault.kind in LOST:
            return Response(lost=LOST[fault.kind], wait=fault.seconds)
        if fault.kind == "early_webhook":
            self.deliveries.drain()
        response.wait = fault.seconds
        return response

    # time

    def now(self) -> datetime:
        return self.clock.now()

    def run_due(self) -> Counter[str]:
        """Do what the clock has made due."""
        with self.lock:
            return self.agenda.run(self.world.now())

    def advance(self, to: datetime | None = None) -> Counter[str]:
        """Go to an instant (or see what time it is), do everything due, and attempt every due delivery."""
        with self.lock:
            moment = to or self.clock.now()
            if to is not None and self.clock.path is None:
                self.clock.set(to)
                with self.store.step():
                    self.store.set_meta("clock_offset", self.clock.offset.total_seconds())
            with self.clock.pinned(moment):
                ran = self.agenda.run(self.world.now())
        with self.clock.pinned(moment):
            ran["deliveries"] = self.deliveries.drain(catch_up=True)
        return ran

    def deliver_pending(self) -> int:
        """Attempt every delivery that is due, in order; how many were attempted."""
        self.run_due()
        return self.deliveries.drain()

    # the whole world

    def reset(self) -> None:
        """Forget everything but the platform, the time and the destinations configured from outside.

        Identifiers go on where they were: none is given twice. Snapshots stay.
        """
        with self.lock:
            self.faults.clear()
            self.faults.chaos = None
            self.world.complaints.clear()
            with self.store.step():
                self._forget_all()
            self._reload()

    def _forget_all(self) -> None:
        for kind in self.store.kinds():
            for record in list(self.store.all(kind)):
                if kind == event_destinations.KIND and record.hidden["fixed"]:
                    event_destinations.switch(self.world, record, on=True)
                else:
                    self.store.remove(record.id)
        for name in self.store.metas():
            if name not in KEPT:
                self.store.set_meta(name, None)

    def snapshot(self, name: str) -> None:
        """Keep the whole world under `name`: objects, events, deliveries, what is planned, keys, numbers."""
        with self.lock:
            self.store.snapshot(name)

    def restore(self, name: str) -> None:
        """The world of that snapshot again. Faults, chaos and a clock that others own stay as they are.

        Identifiers go on from there, too: what is made now may be named like what was made after it.
        """
        with self.lock:
            if not self.store.restore(name):
                raise Missing("snapshot", name, "name")
            self._reload()

    def _reload(self) -> None:
        """Read again what is kept besides the store's own memory."""
        self.agenda.reload()
        self.deliveries.reload()
        if self.clock.path is None:
            self.clock.offset = timedelta(seconds=self.store.meta("clock_offset", 0))
