"""The controls under ``/_emulator/``, JSON in and out.

They do what customers, banks, Stripe's own staff, time and bad luck do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs

from stripe_emulator import cards, events, onboarding
from stripe_emulator.chaos import Chaos
from stripe_emulator.clock import iso, parse_instant
from stripe_emulator.errors import ApiError, Invalid, Missing, UnknownPath, missing_param
from stripe_emulator.http import Request, Response
from stripe_emulator.resources import (
    accounts,
    bank_accounts,
    charges,
    checkout_sessions,
    collecting,
    disputes,
    invoicing,
    payouts,
    portal,
)
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

PREFIX = "/_emulator/"
LISTED = 100
FORM = ("exp_month", "exp_year", "cvc", "email", "name", "country", "postal_code")
T = TypeVar("T")


@dataclass(frozen=True)
class Command:
    """What a control is asked: `given` is the JSON or the query, `id` the identifier in the path."""

    emulator: Emulator
    given: Body
    id: str

    @property
    def world(self) -> World:
        return self.emulator.world

    def found(self, kind: str, id: str = "") -> Record:
        """The object the command is about; of whichever account."""
        record = self.emulator.store.get(kind, id or self.id)
        if record is None:
            raise Missing(kind, id or self.id)
        return record

    def one_of(self, name: str, *allowed: str) -> str:
        value = self.given.get(name)
        if value not in allowed:
            raise Invalid(f"{name} must be one of {', '.join(allowed)}", code="parameter_invalid", param=name)
        return str(value)

    def text(self, name: str) -> str:
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            raise missing_param(name)
        return value

    def instant(self, name: str) -> datetime:
        try:
            return parse_instant(self.text(name))
        except ValueError as error:
            raise Invalid(f"Invalid instant: {name}", code="parameter_invalid", param=name) from error

    def integer(self, name: str, usual: int) -> int:
        try:
            return int(self.given.get(name, usual))
        except (TypeError, ValueError) as error:
            raise Invalid(f"Invalid integer: {name}", code="parameter_invalid_integer", param=name) from error

    def listed(self, kind: str, show: Callable[[Record], Body]) -> Body:
        """``{"data", "count"}``: the newest ``limit`` of a kind, and how many there are."""
        with self.emulator.lock:
            shown = [show(record) for record in self.emulator.store.all(kind)]
        return {"data": shown[: self.integer("limit", LISTED)], "count": len(shown)}


Control = Callable[[Command], Any]
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
                return Response.of(function(Command(emulator, _given(request), "".join(match.groups()))))
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


# customers and banks


@control("POST", "checkout/{}/pay")
def pay(command: Command) -> Body:
    """Press *Pay*: ``card``, ``authenticate`` (passes 3D Secure unless false), ``exp_month`` and so on."""
    form = _card(command)
    passed = command.given.get("authenticate", True) is not False

    def press() -> Body:
        session = command.found(checkout_sessions.KIND)
        return checkout_sessions.pay(command.world, session.id, form, authenticate=passed).body

    return command.emulator.perform(press, about=command.id)


@control("POST", "checkout/{}/cancel")
def leave(command: Command) -> Body:
    """The customer goes back without paying: the session stays as it is."""
    return command.emulator.perform(lambda: command.found(checkout_sessions.KIND).body)


@control("POST", "invoices/{}/pay")
def pay_invoice(command: Command) -> Body:
    """Pay on the invoice's page: ``card`` and so on, as for checkout."""
    form = _card(command)
    passed = command.given.get("authenticate", True) is not False

    def press() -> Body:
        invoice = command.found(invoicing.KIND)
        return collecting.pay_by_form(command.world, invoice.id, form, authenticate=passed).body

    return command.emulator.perform(press, about=command.id)


@control("POST", "portal/{}")
def use_portal(command: Command) -> Body:
    """What a customer does on a portal session's page.

    ``action``: ``cancel``, ``keep`` or ``switch`` (to ``price``) a ``subscription``, or another ``card``.
    """
    action, given = command.one_of("action", "cancel", "keep", "switch", "card"), command.given
    subscription, world = str(given.get("subscription", "")), command.world

    def press() -> Body:
        session = command.found(portal.SESSION)
        if action == "card":
            return portal.change_card(world, session, _card(command)).body
        if action == "switch":
            return portal.switch(world, session, subscription, command.text("price")).body
        verb = portal.cancel if action == "cancel" else portal.keep
        return verb(world, session, subscription).body

    return command.emulator.perform(press, about=command.id)


def _card(command: Command) -> Body:
    """The card of a command as a form has it, with what is not given filled in."""
    number = str(command.given.get("card", cards.CARDS[0].number))
    form = {"number": number, "exp_month": 12, "exp_year": command.emulator.now().year + 5}
    form |= {"cvc": cards.example_cvc(number)}
    return form | {name: command.given[name] for name in FORM if name in command.given}


@control("POST", "accounts/{}/onboard")
def onboard(command: Command) -> Body:
    outcome = command.one_of("outcome", "complete", "partial", "rejected")
    record = command.emulator.perform(lambda: onboarding.finish(command.world, command.id, outcome))
    return accounts.view(record, accounts.EVERYTHING)


@control("POST", "accounts/{}/capability")
def capability(command: Command) -> Body:
    status = command.one_of("status", "active", "pending", "restricted", "rejected", "unsupported")
    record = command.emulator.perform(lambda: accounts.set_status(command.world, command.id, status))
    return accounts.view(record, accounts.EVERYTHING)


@control("POST", "accounts/{}/require")
def require(command: Command) -> Body:
    """``needed``: names of requirements; ``by``: the instant from which the capabilities are restricted."""
    needed = command.given.get("needed", ["individual.verification_document"])
    if not isinstance(needed, list) or not needed or not all(isinstance(name, str) for name in needed):
        raise Invalid("needed must be a list of names", code="parameter_invalid", param="needed")
    by = int(command.instant("by").timestamp())
    record = command.emulator.perform(lambda: accounts.require(command.world, command.id, needed, by))
    return accounts.view(record, accounts.EVERYTHING)


@control("POST", "accounts/{}/bank")
def bank(command: Command) -> Body:
    """The person changes to ``account_number``, and perhaps ``routing_number``, on his dashboard."""
    numbers = {"number": command.text("account_number")}
    numbers["routing"] = str(command.given.get("routing_number", bank_accounts.ROUTING))
    record = command.emulator.perform(lambda: accounts.change_bank(command.world, command.id, numbers))
    return accounts.view(record, accounts.EVERYTHING)


@control("POST", "disputes")
def dispute(command: Command) -> Body:
    """``charge``, ``reason``, and perhaps ``amount`` and ``inquiry``."""
    reason, amount = str(command.given.get("reason", "fraudulent")), command.integer("amount", 0)
    inquiry = bool(command.given.get("inquiry"))

    def complain() -> Body:
        charge = command.found(charges.KIND, str(command.given.get("charge")))
        return disputes.open_dispute(command.world, charge.id, reason, inquiry=inquiry, amount=amount).body

    return command.emulator.perform(complain)


@control("POST", "disputes/{}/close")
def close_dispute(command: Command) -> Body:
    outcome = command.one_of("outcome", "won", "lost")

    def judge() -> Body:
        return disputes.decide(command.world, command.found(disputes.KIND).id, outcome).body

    return command.emulator.perform(judge)


@control("POST", "disputes/{}/escalate")
def escalate_dispute(command: Command) -> Body:
    """The inquiry becomes a chargeback."""
    return command.emulator.perform(
        lambda: disputes.escalate(command.world, command.found(disputes.KIND).id).body
    )


@control("POST", "warnings")
def warn(command: Command) -> Body:
    """An early fraud warning about ``charge``, perhaps of another ``fraud_type``."""
    fraud_type = str(command.given.get("fraud_type", "unauthorized_use_of_card"))

    def suspect() -> Body:
        charge = command.found(charges.KIND, str(command.given.get("charge")))
        return charges.warn_of_fraud(command.world, charge.id, fraud_type).body

    return command.emulator.perform(suspect)


@control("POST", "payouts/{}/fail")
def fail_payout(command: Command) -> Body:
    code = str(command.given.get("code", "could_not_process"))
    return command.emulator.perform(
        lambda: payouts.fail(command.world, command.found(payouts.KIND).id, code).body
    )


# time


@control("GET", "clock")
def clock(command: Command) -> Body:
    own = command.emulator.clock
    return {
        "now": iso(own.now()),
        "offset_seconds": own.offset.total_seconds(),
        "file": str(own.path) if own.path else None,
    }


@control("POST", "clock")
def move_clock(command: Command) -> Body:
    """``{"now": instant}``, ``{"advance": seconds}`` or ``{}``: then everything due by then has happened."""
    try:
        to = parse_instant(command.given["now"]) if "now" in command.given else None
        if "advance" in command.given:
            to = command.emulator.now() + timedelta(seconds=float(command.given["advance"]))
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(f"Invalid clock: {error}", code="parameter_invalid", param="now") from error
    ran = command.emulator.advance(to)
    return {"now": iso(to or command.emulator.now()), "ran": dict(sorted(ran.items()))}


# looking


@control("GET", "objects")
def kinds(command: Command) -> Body:
    """How many objects there are of each kind."""
    with command.emulator.lock:
        counts = command.emulator.store.kinds()
    return {kind: count for kind, count in counts.items() if not kind.startswith("emulator.")}


@control("GET", "objects/{}")
def objects(command: Command) -> Body:
    """Objects of a kind, of all accounts; each with its account and version."""
    return command.listed(
        command.id, lambda record: {"account": record.account, "version": record.version} | record.body
    )


@control("GET", "events")
def list_events(command: Command) -> Body:
    """Snapshots; with ``payload=thin`` thin events."""
    kind = events.THIN if command.given.get("payload") == "thin" else events.SNAPSHOT
    return command.listed(kind, lambda record: record.body)


@control("GET", "deliveries")
def deliveries(command: Command) -> Body:
    return command.listed(events.DELIVERY, show_delivery)


@control("POST", "deliveries/{}/replay")
def replay(command: Command) -> Body:
    """Send it once more, now; answers the new delivery with its attempt."""
    new = command.emulator.perform(lambda: events.redeliver(command.world, command.found(events.DELIVERY)))
    command.emulator.deliver_pending()
    return show_delivery(command.found(events.DELIVERY, new.id))


def show_delivery(record: Record) -> Body:
    return {"id": record.id, "account": record.account} | record.body


@control("GET", "complaints")
def complaints(command: Command) -> Body:
    """What the SDK's types had to say against our answers; only with ``check`` on."""
    return {"data": list(command.world.complaints)}


# bad luck


@control("GET", "faults")
def faults(command: Command) -> Body:
    return {"data": command.emulator.faults.all()}


@control("POST", "faults")
def add_fault(command: Command) -> Body:
    with command.emulator.lock:
        fault = command.emulator.faults.add(command.given)
    return next(entry for entry in command.emulator.faults.all() if entry["id"] == fault.id)


@control("DELETE", "faults")
def clear_faults(command: Command) -> Body:
    with command.emulator.lock:
        return {"lifted": command.emulator.faults.clear(str(command.given.get("id", "")))}


@control("GET", "chaos")
def chaos(command: Command) -> Body:
    """``{}`` while there is none, else what was drawn and what was struck so far."""
    return _chaos(command)


@control("POST", "chaos")
def start_chaos(command: Command) -> Body:
    """``seed``, and perhaps ``rate`` and ``kinds``; in place of any other, from the beginning."""
    with command.emulator.lock:
        command.emulator.faults.chaos = Chaos.of(command.given)
    return _chaos(command)


@control("DELETE", "chaos")
def end_chaos(command: Command) -> Body:
    """What it did; what it holds back may leave."""
    shown = _chaos(command)
    with command.emulator.lock:
        command.emulator.faults.chaos = None
    command.emulator.deliveries.release()
    return shown


def _chaos(command: Command) -> Body:
    with command.emulator.lock:
        running = command.emulator.faults.chaos
        return running.show() if running else {}


# the whole world


@control("POST", "snapshot")
def snapshot(command: Command) -> Body:
    command.emulator.snapshot(command.text("name"))
    return {"name": command.given["name"]}


@control("POST", "restore")
def restore(command: Command) -> Body:
    command.emulator.restore(command.text("name"))
    return {"name": command.given["name"]}


@control("POST", "reset")
def reset(command: Command) -> Body:
    command.emulator.reset()
    return {"reset": True}
