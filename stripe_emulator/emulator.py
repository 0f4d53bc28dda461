"""The emulator: requests in, responses out; due work and deliveries besides."""

from __future__ import annotations

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from stripe_emulator import (
    catalogue,
    control,
    delivery,
    expand,
    forms,
    idempotency,
    pages,
    params,
    resources,
    router,
)
from stripe_emulator.agenda import Agenda
from stripe_emulator.clock import Clock
from stripe_emulator.delivery import Deliveries
from stripe_emulator.errors import ApiError, Forbidden, Invalid, Unauthenticated, Unbuilt, UnknownPath
from stripe_emulator.faults import LOST, Fault, Faults
from stripe_emulator.http import Request, Response
from stripe_emulator.resources import accounts, event_destinations
from stripe_emulator.settings import API_VERSION, Settings
from stripe_emulator.store import Body, Record, Store
from stripe_emulator.world import World

assert resources.NAMES  # importing the package registers every route
LONGEST_BODY = 1_000_000

API = ("/v1/", "/v2/")
T = TypeVar("T")


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
        self.deliveries = Deliveries(self.world, self.lock, self.faults, sender)
        if clock is None:
            self.clock.offset = timedelta(seconds=self.store.meta("clock_offset", 0))

    def add_destination(self, url: str, secret: str, payload: str = "thin") -> Record:
        """Send every event to `url`, ``thin`` or as ``snapshot``; doing it again changes the secret."""
        if not secret.strip():
            raise ValueError("a destination needs a secret: an empty one can be forged by anybody")
        with self.lock, self.store.step():
            return event_destinations.configure(self.world, url, payload, secret)

    def close(self) -> None:
        with self.lock:
            self.store.close()

    # requests

    def handle(self, request: Request) -> Response:
        """Answer any request: of the API, of the controls, of a browser."""
        if request.path.startswith(API):
            return self._under_fault(request)
        side = control.answer if request.path.startswith(control.PREFIX) else pages.answer
        return side(self, request)

    def control(self, method: str, path: str, **given: Any) -> Response:
        """Use a control from within the process: ``control("POST", "faults", kind="reset")``."""
        return control.answer(self, Request(method, control.PREFIX + path, body=json.dumps(given).encode()))

    def perform(self, action: Callable[[], T]) -> T:
        """Do something to the world as one step, after whatever was due. What a kept refusal wrote stays."""
        with self.lock:
            self.agenda.run(self.world.now())
            with self.store.step():
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
        response = self._answer(request, fault)
        if fault is None:
            return response
        if fault.kind in LOST:
            return Response(lost=LOST[fault.kind], wait=fault.seconds)
        if fault.kind == "early_webhook":
            self.deliveries.drain()
        response.wait = fault.seconds
        return response

    def _answer(self, request: Request, fault: Fault | None) -> Response:
        request_id = f"req_{secrets.token_hex(7)}"
        with self.lock:
            self.world.base_url = self._base_url(request)
            self.agenda.run(self.world.now())
            key = request.header("Idempotency-Key")
            self.world.request = {"id": request_id, "idempotency_key": key or None}
            try:
                with self.store.step():
                    response = self._execute(request, request_id, fault)
            except ApiError as error:
                response = _error(error, request, request_id)
            finally:
                self.world.request = {"id": None, "idempotency_key": None}
        response.headers |= {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        if key:
            response.headers["Idempotency-Key"] = key
        return response

    def _execute(self, request: Request, request_id: str, fault: Fault | None) -> Response:
        """Within one step.

        What a refusal wrote is dropped, unless it is to stay; the key remembers either answer.
        """
        self._authenticate(request)
        account = self._account(request)
        found = router.find(request.method, request.path)
        endpoint = catalogue.lookup(request.method, request.path)
        if found is None:
            raise Unbuilt(endpoint.name) if endpoint else UnknownPath(request.method, request.path)
        keyed = bool(request.header("Idempotency-Key")) and request.method == "POST"
        if keyed:
            replayed = idempotency.replay(self.world, request, account)
            if replayed is not None:
                return replayed
        try:
            response = self._call(request, account, found, endpoint, fault)
        except ApiError as error:
            if not error.keep:
                self.store.forget()
            response = _error(error, request, request_id)
            keyed = keyed and error.executed and not _is_v2(request)
        if keyed:
            idempotency.remember(self.world, request, account, response, request_id)
        return response

    def _call(
        self,
        request: Request,
        account: str,
        found: tuple[str, router.Handler, tuple[str, ...]],
        endpoint: catalogue.Endpoint | None,
        fault: Fault | None,
    ) -> Response:
        _, handler, ids = found
        given = _parameters(request, endpoint)
        wanted = given.pop("expand", [])
        error = fault.error() if fault else None
        if error is not None:
            raise error
        body = handler(router.Call(self.world, account, given, ids, request.path, wanted))
        return Response.of(self.world.verify(expand.expanded(self.world, body, wanted)))

    def _authenticate(self, request: Request) -> None:
        key = request.api_key
        if not key:
            raise Unauthenticated(
                "You did not provide an API key. Use the Authorization header: Bearer sk_test_…"
            )
        if key.startswith(("sk_live_", "rk_live_")):
            raise Unauthenticated(
                "The emulator refuses live keys. Revoke this one if it was sent by mistake."
            )
        if not key.startswith(("sk_test_", "rk_test_")):
            raise Unauthenticated(f"Invalid API Key provided: {key[:8]}…", code="api_key_invalid")
        version = request.header("Stripe-Version")
        if version and version != API_VERSION:
            raise Invalid(f"The emulator speaks {API_VERSION}, not {version}.", param="Stripe-Version")
        if len(request.header("Idempotency-Key")) > idempotency.LONGEST:
            raise Invalid(f"Idempotency keys have at most {idempotency.LONGEST} characters.")

    def _account(self, request: Request) -> str:
        """Who acts: the platform, or the account named by ``Stripe-Account`` or ``Stripe-Context``."""
        named = request.header("Stripe-Account") or request.header("Stripe-Context").rpartition("/")[2]
        if not named or named == self.world.platform:
            return self.world.platform
        record = self.store.get(accounts.KIND, named)
        if record is None or record.body["closed"]:
            raise Forbidden(
                f"The provided key does not have access to account '{named}' (or that account does not "
                "exist).",
                code="account_invalid",
            )
        return named

    def _base_url(self, request: Request) -> str:
        host = request.header("Host")
        return f"http://{host}" if host and not self.settings.public_url else self.settings.public_url

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
            ran["deliveries"] = self.deliveries.drain(release=True)
        return ran

    def deliver_pending(self) -> int:
        """Attempt every delivery that is due, in order; how many were attempted."""
        self.run_due()
        return self.deliveries.drain()

    def reset(self) -> None:
        """Forget everything but the platform, its bank account and destinations configured from outside."""
        with self.lock:
            keep = {record.id for record in self.store.all(event_destinations.KIND) if record.hidden["fixed"]}
            self.agenda.clear()
            self.deliveries.clear()
            self.faults.clear()
            self.world.complaints.clear()
            with self.store.step():
                for kind in self.store.kinds():
                    for record in list(self.store.all(kind)):
                        if record.id not in keep:
                            self.store.remove(record.id)


def _is_v2(request: Request) -> bool:
    return request.path.startswith("/v2/")


def _error(error: ApiError, request: Request, request_id: str) -> Response:
    body = error.body()
    if _is_v2(request) and error.code == "resource_missing":
        body["error"]["code"] = "not_found"
    body["error"]["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
    return Response.of(body, error.status)


def _parameters(request: Request, endpoint: catalogue.Endpoint | None) -> Body:
    given = _raw(request)
    page = given.pop("page", None) if _is_v2(request) and request.method == "GET" else None
    if endpoint is not None and endpoint.params is not None:
        given = params.coercer(*endpoint.params)(given, "")
    elif given:
        first = next(iter(given))
        raise Invalid(f"Received unknown parameter: {first}", code="parameter_unknown", param=first)
    return given if page is None else given | {"page": page}


def _raw(request: Request) -> dict[str, Any]:
    if len(request.body) > LONGEST_BODY:
        raise Invalid("The request body is too large.", status=413)
    try:
        text = request.body.decode() if request.method == "POST" else request.query
    except UnicodeDecodeError as error:
        raise Invalid("The request body is not UTF-8.") from error
    if not _is_v2(request) or request.method != "POST":
        return forms.parse(text)
    try:
        content = json.loads(text or "{}")
    except ValueError as error:
        raise Invalid("The request body is not JSON.") from error
    if not isinstance(content, dict):
        raise Invalid("The request body is no JSON object.")
    return content
