"""Deliveries of events.

Signed, attempted, retried with growing pauses over three days of the virtual clock.
"""

from __future__ import annotations

import heapq
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stripe import WebhookSignature

from stripe_emulator import events
from stripe_emulator.faults import Fault, Faults
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

Sender = Callable[[str, bytes, dict[str, str]], int]
"""Posts a body with headers to an address and gives the status; raises when there is no answer."""

LOG = logging.getLogger("stripe_emulator")
PAUSES = [10, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600]
LAST_PAUSE = 12 * 3600
GIVE_UP_AFTER = 3 * 24 * 3600
TIMEOUT_SECONDS = 10
ACCEPTED = range(200, 300)


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Over HTTP; follows no redirect."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@dataclass(frozen=True)
class Attempt:
    """One sending of one delivery, ready to leave."""

    delivery: str
    at: int
    url: str
    content: str
    secret: str
    copies: int = 1
    dropped: bool = False

    def send(self, sender: Sender) -> Body:
        """Post it and tell what came back: the status or the error.

        Signed with wall time, whatever the virtual clock says: receivers verify by theirs.
        """
        started = time.perf_counter()
        outcome: Body = {"status": None, "error": None}
        try:
            if self.dropped:
                raise ConnectionError("dropped on the way")
            for _ in range(self.copies):
                outcome["status"] = sender(self.url, self.content.encode(), self._headers())
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome["error"] = f"{type(error).__name__}: {error}"[:200]
        return outcome | {"milliseconds": round((time.perf_counter() - started) * 1000, 1)}

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": WebhookSignature.generate_signature_header(self.content, self.secret),
        }


class Deliveries:
    """The queue of one world.

    One sending at a time, so destinations see events in order unless a fault says otherwise.
    """

    def __init__(self, world: World, lock: threading.RLock, faults: Faults, sender: Sender) -> None:
        self._world, self._lock, self._faults, self.sender = world, lock, faults, sender
        self._heap: list[tuple[int, int, str]] = []
        self._held: list[str] = []
        self._sending = threading.RLock()  # a receiver may itself ask us for something
        self.queued = threading.Event()
        world.store.listeners.append(self._note)

    def reload(self) -> None:
        """Read all that is to be delivered from the store."""
        self._heap.clear()
        self._held.clear()
        for record in reversed(list(self._world.store.all(events.DELIVERY))):
            self._note(record)
            if record.body["state"] == "held":
                self._held.append(record.id)

    def _note(self, record: Record) -> None:
        if record.type == events.DELIVERY and record.body["state"] == "pending":
            heapq.heappush(self._heap, (record.body["next_attempt_at"], record.seq, record.id))
            self.queued.set()

    def drain(self, *, catch_up: bool = False) -> int:
        """Attempt everything due and tell how many attempts that took.

        `catch_up`: time has passed in between. Every attempt counts as made when it was due, so one
        delivery may take several, and what a reorder is holding back leaves.
        """
        count = 0
        with self._sending:
            if catch_up:
                self.release()
            while True:
                attempt = self._next(on_time=catch_up)
                if attempt is None:
                    return count
                self._record(attempt, attempt.send(self.sender))
                count += 1

    def _next(self, *, on_time: bool) -> Attempt | None:
        with self._lock:
            self.queued.clear()
            while self._heap and self._heap[0][0] <= self._world.now():
                at, _, id = heapq.heappop(self._heap)
                record = self._world.store.get(events.DELIVERY, id)
                if record is not None and _is_current(record, at):
                    attempt = self._prepared(record, at if on_time else self._world.now())
                    if attempt is not None:
                        return attempt
            return None

    def _prepared(self, record: Record, at: int) -> Attempt | None:
        event = self._world.store.find(record.body["event"])
        destination = self._world.store.find(record.body["destination"])
        if event is None or destination is None:
            self._change(record, state="failed", next_attempt_at=None)
            return None
        fault = self._faults.on_webhook(record.body["event_type"]) if _is_fresh(record) else None
        if fault is not None and self._is_put_off(record, fault, at):
            return None
        thin = record.body["payload"] == "thin"
        kind = fault.kind if fault else ""
        return Attempt(
            delivery=record.id,
            at=at,
            url=destination.hidden["url"],
            content=json.dumps(
                events.notification(event.body) if thin else event.body, separators=(",", ":")
            ),
            secret="whsec_somebody_elses" if kind == "bad_signature" else destination.hidden["secret"],
            copies=fault.copies if fault and kind == "duplicate_webhook" else 1,
            dropped=kind == "drop_webhook",
        )

    def _is_put_off(self, record: Record, fault: Fault, at: int) -> bool:
        """A delay moves it.

        A reorder holds it until as many are held as the fault has times, then turns them round.
        """
        if fault.kind == "delay_webhook":
            self._change(record, put_off=True, next_attempt_at=at + int(fault.seconds))
            return True
        if fault.kind == "reorder_webhooks":
            self._change(record, put_off=True, state="held")
            self._held.append(record.id)
            if fault.spent:
                self.release()
            return True
        return False

    def release(self) -> None:
        """Let go what a reorder is holding back, the newest first."""
        with self._lock:
            held, self._held = self._held[::-1], []
            for position, id in enumerate(held):
                record = self._world.store.get(events.DELIVERY, id)
                if record is not None:
                    self._change(
                        record, state="pending", next_attempt_at=self._world.now() - len(held) + position
                    )

    def _record(self, attempt: Attempt, outcome: Body) -> None:
        with self._lock:
            record = self._world.store.get(events.DELIVERY, attempt.delivery)
            if record is None:
                return  # everything was reset meanwhile
            attempts = [*record.body["attempts"], {"at": attempt.at, **outcome}]
            last = attempts[0]["at"] + GIVE_UP_AFTER  # not from its making: we may have been away since
            if outcome["status"] in ACCEPTED:
                self._change(record, attempts=attempts, state="delivered", next_attempt_at=None)
            elif attempt.at >= last:
                self._change(record, attempts=attempts, state="failed", next_attempt_at=None)
            else:
                again = min(attempt.at + pause(len(attempts)), last)
                self._change(record, attempts=attempts, next_attempt_at=again)

    def _change(self, record: Record, **fields: Any) -> None:
        with self._world.store.step():
            self._world.store.edit(record.id).body.update(fields)
            if fields.get("state") == "delivered":
                events.count_delivered(self._world, record)


def _is_current(record: Record, at: int) -> bool:
    """Whether a heap entry still speaks of the record as it is: entries outlive changes of their record."""
    return bool(record.body["state"] == "pending" and record.body["next_attempt_at"] == at)


def _is_fresh(record: Record) -> bool:
    """Faults strike what was never attempted nor put off before."""
    return not record.body["attempts"] and not record.body["put_off"]


def pause(attempts: int) -> int:
    """Seconds to wait after that many attempts failed."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else LAST_PAUSE


class Worker(threading.Thread):
    """Delivers in the background what is queued, at once, and looks at the clock every `tick` seconds."""

    def __init__(self, deliveries: Deliveries, run_due: Callable[[], object], tick: float = 1.0) -> None:
        super().__init__(name="stripe-emulator-deliveries", daemon=True)
        self._deliveries, self._run_due, self._tick = deliveries, run_due, tick
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            self._deliveries.queued.wait(self._tick)
            if not self._stopped.is_set():
                self._work()

    def _work(self) -> None:
        try:
            self._run_due()
            self._deliveries.drain()
        except Exception:
            LOG.exception("background work broke; it goes on with what comes next")

    def stop(self) -> None:
        self._stopped.set()
        self._deliveries.queued.set()
