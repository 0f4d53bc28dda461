"""One API request from its headers to its answer: who asks, what, whether it was asked before."""

from __future__ import annotations

import json
import secrets
import threading
from typing import Any

from stripe_emulator import catalogue, expand, forms, idempotency, params, resources, router
from stripe_emulator.agenda import Agenda
from stripe_emulator.errors import ApiError, Forbidden, Invalid, Unauthenticated, Unbuilt, UnknownPath
from stripe_emulator.faults import Fault
from stripe_emulator.http import Request, Response
from stripe_emulator.resources import accounts, test_clocks
from stripe_emulator.settings import API_VERSION
from stripe_emulator.store import Body
from stripe_emulator.world import World

assert resources.NAMES  # importing the package registers every route
PATHS = ("/v1/", "/v2/")
LONGEST_BODY = 1_000_000


class Api:
    """Answers API requests about one world, one at a time."""

    def __init__(self, world: World, agenda: Agenda, lock: threading.RLock) -> None:
        self._world, self._agenda, self._lock = world, agenda, lock

    def answer(self, request: Request, fault: Fault | None = None) -> Response:
        """Whatever was due happens first. `fault` may turn the answer into an error."""
        request_id = f"req_{secrets.token_hex(7)}"
        with self._lock:
            self._world.base_url = self._base_url(request)
            self._agenda.run(self._world.now())
            key = request.header("Idempotency-Key")
            self._world.request = {"id": request_id, "idempotency_key": key or None}
            try:
                with self._world.store.step():
                    response = self._execute(request, request_id, fault)
            except ApiError as error:
                response = _error(error, request, request_id)
            finally:
                self._world.request = {"id": None, "idempotency_key": None}
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
            replayed = idempotency.replay(self._world, request, account)
            if replayed is not None:
                return replayed
        try:
            response = self._call(request, account, found, endpoint, fault)
        except ApiError as error:
            if not error.keep:
                self._world.store.forget()
            response = _error(error, request, request_id)
            keyed = keyed and error.executed and not _is_v2(request)
        if keyed:
            idempotency.remember(self._world, request, account, response, request_id)
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
        about = [*ids, *test_clocks.named_by(given)]
        with test_clocks.followed(self._world, about):
            body = handler(router.Call(self._world, account, given, ids, request.path, wanted))
        return Response.of(self._world.verify(expand.expanded(self._world, body, wanted)))

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
        if not named or named == self._world.platform:
            return self._world.platform
        record = self._world.store.get(accounts.KIND, named)
        if record is None or record.body["closed"]:
            raise Forbidden(
                f"The provided key does not have access to account '{named}' (or that account does not "
                "exist).",
                code="account_invalid",
            )
        return named

    def _base_url(self, request: Request) -> str:
        host = request.header("Host")
        return (
            f"http://{host}"
            if host and not self._world.settings.public_url
            else self._world.settings.public_url
        )


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
