"""The controls under ``/_emulator/``: what customers, banks, Stripe's staff, time and bad luck do. JSON in and out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from stripe_emulator import cards, events, onboarding
from stripe_emulator.clock import iso, parse_instant
from stripe_emulator.errors import ApiError, Invalid, Missing, UnknownPath
from stripe_emulator.http import Request, Response
from stripe_emulator.resources import accounts, charges, checkout_sessions, disputes, payouts
from stripe_emulator.store import Body, Record

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

PREFIX = "/_emulator/"
LISTED = 100
Control = Callable[["Emulator", Body, str], Any]
CONTROLS: list[tuple[str, re.Pattern[str], Control]] = []


def control(method: str, path: str) -> Callable[[Control], Control]:
    """Registers a control under a path that may hold one ``{}``."""
    pattern = re.compile("^" + re.escape(PREFIX + path).replace(r"\{\}", "([^/]+)") + "$")

    def register(function: Control) -> Control:
        CONTROLS.append((method, pattern, function))
        return function

    return register


def answer(emulator: Emulator, request: Request) -> Response:
    try:
        for method, pattern, function in CONTROLS:
            match = pattern.match(request.path)
            if match and method == request.method:
                return Response.of(function(emulator, _given(request), "".join(match.groups())))
        raise UnknownPath(request.method, request.path)
    except ApiError as error:
        return Response.of(error.body(), error.status)


def _given(request: Request) -> Body:
    if request.method == "GET":
        return {name: values[-1] for name, values in parse_qs(request.query).items()}
    try:
        content = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Invalid("The request body is not JSON.") from error
    if not isinstance(content, dict):
        raise Invalid("The request body is no JSON object.")
    return content


def _one_of(given: Body, name: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name)
    if value not in allowed:
        raise Invalid(f"{name} must be one of {', '.join(allowed)}", code="parameter_invalid", param=name)
    return str(value)


def _found(emulator: Emulator, kind: str, id: str) -> Record:
    record = emulator.store.get(kind, id)
    if record is None:
        raise Missing(kind, id)
    return record


# customers and banks


@control("POST", "checkout/{}/pay")
def pay(emulator: Emulator, given: Body, id: str) -> Body:
    """``card``, and perhaps ``authenticate`` (passes 3D Secure unless false), ``exp_month, exp_year, cvc, email, name``."""
    number = str(given.get("card", cards.CARDS[0].number))
    amex = number.startswith("37")
    form = {
        "number": number,
        "exp_month": 12,
        "exp_year": emulator.now().year + 5,
        "cvc": "1234" if amex else "123",
    }
    form |= {name: given[name] for name in ("exp_month", "exp_year", "cvc", "email", "name") if name in given}
    passed = given.get("authenticate", True) is not False

    def press_pay() -> Body:
        _found(emulator, checkout_sessions.KIND, id)
        return checkout_sessions.pay(emulator.world, id, form, authenticate=passed).body

    return emulator.perform(press_pay)


@control("POST", "checkout/{}/cancel")
def leave(emulator: Emulator, given: Body, id: str) -> Body:
    """The customer goes back without paying: the session stays as it is."""
    return emulator.perform(lambda: _found(emulator, checkout_sessions.KIND, id).body)


@control("POST", "accounts/{}/onboard")
def onboard(emulator: Emulator, given: Body, id: str) -> Body:
    outcome = _one_of({"outcome": "complete"} | given, "outcome", ("complete", "partial", "rejected"))
    record = emulator.perform(lambda: onboarding.finish(emulator.world, id, outcome))
    return accounts.view(record, accounts.EVERYTHING)


@control("POST", "accounts/{}/capability")
def capability(emulator: Emulator, given: Body, id: str) -> Body:
    status = _one_of(given, "status", ("active", "pending", "restricted", "rejected", "unsupported"))
    record = emulator.perform(lambda: accounts.set_status(emulator.world, id, status))
    return accounts.view(record, accounts.EVERYTHING)


@control("POST", "disputes")
def dispute(emulator: Emulator, given: Body, id: str) -> Body:
    """``charge``, ``reason``, and perhaps ``amount`` and ``inquiry``."""
    charge, reason = str(given.get("charge")), str(given.get("reason", "fraudulent"))

    def complain() -> Body:
        _found(emulator, charges.KIND, charge)
        inquiry, amount = bool(given.get("inquiry")), int(given.get("amount", 0))
        return disputes.open_dispute(emulator.world, charge, reason, inquiry=inquiry, amount=amount).body

    return emulator.perform(complain)


@control("POST", "disputes/{}/close")
def close_dispute(emulator: Emulator, given: Body, id: str) -> Body:
    outcome = _one_of(given, "outcome", ("won", "lost"))

    def judge() -> Body:
        _found(emulator, disputes.KIND, id)
        return disputes.decide(emulator.world, id, outcome).body

    return emulator.perform(judge)


@control("POST", "payouts/{}/fail")
def fail_payout(emulator: Emulator, given: Body, id: str) -> Body:
    def send_back() -> Body:
        _found(emulator, payouts.KIND, id)
        return payouts.fail(emulator.world, id, str(given.get("code", "could_not_process"))).body

    return emulator.perform(send_back)


# time


@control("GET", "clock")
def clock(emulator: Emulator, given: Body, id: str) -> Body:
    owner = str(emulator.clock.path) if emulator.clock.path else None
    return {
        "now": iso(emulator.now()),
        "offset_seconds": emulator.clock.offset.total_seconds(),
        "file": owner,
    }


@control("POST", "clock")
def move_clock(emulator: Emulator, given: Body, id: str) -> Body:
    """``{"now": instant}``, ``{"advance": seconds}`` or ``{}``: then everything due by then has happened."""
    try:
        to = parse_instant(given["now"]) if "now" in given else None
        if "advance" in given:
            to = emulator.now() + timedelta(seconds=float(given["advance"]))
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(f"Invalid clock: {error}", code="parameter_invalid", param="now") from error
    ran = emulator.advance(to)
    return {"now": iso(to or emulator.now()), "ran": dict(sorted(ran.items()))}


# looking


@control("GET", "objects")
def kinds(emulator: Emulator, given: Body, id: str) -> Body:
    with emulator.lock:
        return {
            kind: count for kind, count in emulator.store.kinds().items() if not kind.startswith("emulator.")
        }


@control("GET", "objects/{}")
def objects(emulator: Emulator, given: Body, kind: str) -> Body:
    """Every object of a kind, of all accounts, newest first, at most ``limit``."""
    limit = _limit(given)
    with emulator.lock:
        shown = [
            {"account": record.account, "version": record.version} | record.body
            for record in emulator.store.all(kind)
        ]
    return {"data": shown[:limit], "count": len(shown)}


@control("GET", "events")
def list_events(emulator: Emulator, given: Body, id: str) -> Body:
    kind = events.THIN if given.get("payload") == "thin" else events.SNAPSHOT
    with emulator.lock:
        shown = [record.body for record in emulator.store.all(kind)]
    return {"data": shown[: _limit(given)], "count": len(shown)}


@control("GET", "deliveries")
def deliveries(emulator: Emulator, given: Body, id: str) -> Body:
    with emulator.lock:
        shown = [show_delivery(record) for record in emulator.store.all(events.DELIVERY)]
    if "state" in given:
        shown = [entry for entry in shown if entry["state"] == given["state"]]
    return {"data": shown[: _limit(given)], "count": len(shown)}


@control("POST", "deliveries/{}/replay")
def replay(emulator: Emulator, given: Body, id: str) -> Body:
    """Send it once more, now; answers the new delivery with its attempt."""

    def again() -> Record:
        return events.redeliver(emulator.world, _found(emulator, events.DELIVERY, id))

    new = emulator.perform(again)
    emulator.deliver_pending()
    return show_delivery(_found(emulator, events.DELIVERY, new.id))


def show_delivery(record: Record) -> Body:
    return {"id": record.id, "account": record.account} | record.body


def _limit(given: Body) -> int:
    try:
        return int(given.get("limit", LISTED))
    except ValueError as error:
        raise Invalid("Invalid limit", code="parameter_invalid_integer", param="limit") from error


# bad luck


@control("GET", "faults")
def faults(emulator: Emulator, given: Body, id: str) -> Body:
    return {"data": emulator.faults.all()}


@control("POST", "faults")
def add_fault(emulator: Emulator, given: Body, id: str) -> Body:
    with emulator.lock:
        fault = emulator.faults.add(given)
    return next(entry for entry in emulator.faults.all() if entry["id"] == fault.id)


@control("DELETE", "faults")
def clear_faults(emulator: Emulator, given: Body, id: str) -> Body:
    with emulator.lock:
        return {"lifted": emulator.faults.clear(str(given.get("id", "")))}


@control("GET", "complaints")
def complaints(emulator: Emulator, given: Body, id: str) -> Body:
    """What the SDK's types had to say against our answers; only with ``check`` on."""
    return {"data": list(emulator.world.complaints)}


@control("POST", "reset")
def reset(emulator: Emulator, given: Body, id: str) -> Body:
    emulator.reset()
    return {"reset": True}
