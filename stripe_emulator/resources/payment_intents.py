"""Payment intents: one payment from the first try to the money."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripe_emulator import cards, events, lists
from stripe_emulator.errors import CardDeclined, Invalid, Refused, missing_param
from stripe_emulator.money import check_charge, check_currency
from stripe_emulator.resources import charges, payment_methods, refunds
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "payment_intent"
NOTHING = (
    "application application_fee_amount canceled_at cancellation_reason excluded_payment_method_types "
    "last_payment_error latest_charge next_action on_behalf_of payment_method_configuration_details "
    "processing review shipping source statement_descriptor statement_descriptor_suffix transfer_data"
)
TEXTS = "description receipt_email statement_descriptor statement_descriptor_suffix transfer_group"
CREATE = (
    f"{TEXTS} amount currency customer metadata capture_method confirm payment_method payment_method_types "
    "automatic_payment_methods off_session return_url setup_future_usage shipping"
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
FOLLOWERS: list[Callable[[World, Record], None]] = []
"""Told of each intent that succeeded, failed or waits for its customer: what it pays for may depend on it."""


@route("POST", "/v1/payment_intents")
def create(call: Call) -> Body:
    call.built(CREATE)
    world, given = call.world, call.params
    if "customer" in given:
        world.get("customer", given["customer"], call.account, param="customer")
    record = make(world, call.account, given)
    if "payment_method" in given:
        method = payment_methods.find(world, call.account, given["payment_method"])
        record.body |= {"payment_method": method.id, "status": "requires_confirmation"}
    if given.get("confirm"):
        _confirm(world, record.id, given)
    return world.get(KIND, record.id, call.account).body


@route("GET", "/v1/payment_intents")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "customer")


@route("GET", "/v1/payment_intents/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/payment_intents/{}")
def update(call: Call) -> Body:
    call.built(f"{TEXTS} metadata customer amount")
    record = call.world.get(KIND, call.id, call.account)
    if "amount" in call.params and record.body["status"] not in OPEN:
        raise _unexpected(record, "change the amount of")
    body = call.world.store.edit(record.id).body
    body |= {name: value for name, value in call.params.items() if name != "metadata"}
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    return body


@route("POST", "/v1/payment_intents/{}/confirm")
def confirm(call: Call) -> Body:
    call.built("payment_method off_session return_url setup_future_usage receipt_email")
    record = call.world.get(KIND, call.id, call.account)
    if record.body["status"] not in OPEN:
        raise _unexpected(record, "confirm")
    _confirm(call.world, record.id, call.params)
    return call.world.get(KIND, record.id, call.account).body


@route("POST", "/v1/payment_intents/{}/capture")
def capture(call: Call) -> Body:
    call.built("amount_to_capture metadata")
    world = call.world
    record = world.get(KIND, call.id, call.account)
    if record.body["status"] != "requires_capture":
        raise _unexpected(record, "capture")
    capturable: int = record.body["amount_capturable"]
    amount: int = call.params.get("amount_to_capture") or capturable
    if not 0 < amount <= capturable:
        raise Invalid("Invalid amount_to_capture", code="amount_too_large", param="amount_to_capture")
    record = world.store.edit(record.id)
    record.body["metadata"] = merged_metadata(record.body["metadata"], call.params.get("metadata"))
    charges.settle(world, record.body["latest_charge"], amount)
    events.emit(world, "charge.captured", world.store.edit(record.body["latest_charge"]).body, call.account)
    _succeed(world, record, amount)
    return record.body


@route("POST", "/v1/payment_intents/{}/cancel")
def cancel(call: Call) -> Body:
    call.built("cancellation_reason")
    record = call.world.get(KIND, call.id, call.account)
    if record.body["status"] not in (*OPEN, "requires_capture"):
        raise _unexpected(record, "cancel")
    if record.hidden.get("session") or record.hidden.get("invoice"):
        raise Refused(
            "You cannot cancel the PaymentIntent of a Checkout Session or of an invoice: expire the one, "
            "void the other."
        )
    return void(call.world, record.id, call.params.get("cancellation_reason")).body


def void(world: World, id: str, reason: str | None) -> Record:
    """Cancel whatever is not paid yet; an uncaptured charge is given back."""
    record = world.store.edit(id)
    record.body |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": world.now(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    if record.body["latest_charge"]:
        charge = world.store.edit(record.body["latest_charge"]).body
        if charge["status"] == "succeeded":
            charge |= {"refunded": True, "amount_refunded": charge["amount"]}
            events.emit(world, "charge.refunded", charge, record.account)
    events.emit(world, "payment_intent.canceled", record.body, record.account)
    return record


def make(world: World, account: str, given: Body) -> Record:
    """A new intent with nothing tried yet."""
    currency = check_currency(given["currency"])
    check_charge(given["amount"], currency)
    id = world.new_id("pi")
    body = blank(f"{NOTHING} {TEXTS} customer payment_method setup_future_usage") | {
        "id": id,
        "object": KIND,
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": given.get("automatic_payment_methods"),
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": f"{id}_secret_{world.token(25)}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": currency,
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "payment_method_options": {},
        "payment_method_types": given.get("payment_method_types") or ["card"],
        "status": "requires_payment_method",
    }
    copied = f"{TEXTS} customer setup_future_usage shipping"
    body |= {name: given[name] for name in copied.split() if name in given}
    record = world.add(body, account, return_url=given.get("return_url"))
    events.emit(world, "payment_intent.created", body, account)
    return record


def _confirm(world: World, id: str, given: Body) -> None:
    record = world.store.edit(id)
    if given.get("return_url"):
        record.hidden["return_url"] = given["return_url"]
    chosen = given.get("payment_method") or record.body["payment_method"]
    if not chosen:
        raise missing_param("payment_method")
    method = payment_methods.find(world, record.account, chosen)
    pay(world, id, method, off_session=bool(given.get("off_session")))


def pay(
    world: World,
    id: str,
    method: Record,
    *,
    authenticated: bool = False,
    off_session: bool = False,
    may_wait: bool = False,
) -> Record:
    """Try to take the money.

    Raises `CardDeclined`, keeping the failed charge; may end in ``requires_action``, off session only when
    it `may_wait` until the customer comes back.
    """
    record = world.store.edit(id)
    record.body |= {"payment_method": method.id, "next_action": None, "last_payment_error": None}
    card = payment_methods.card_of(method)
    if not authenticated and _must_authenticate(card, method, off_session=off_session):
        if off_session and not may_wait:
            raise _decline(world, record, method, "authentication_required")
        return _ask_for_authentication(world, record)
    if card.decline:
        raise _decline(world, record, method, card.code, authenticated=authenticated)
    is_manual = record.body["capture_method"] == "manual"
    charge = charges.make(world, record, method, authenticated=authenticated, captured=not is_manual)
    record.body["latest_charge"] = charge.id
    if record.body["setup_future_usage"] == "off_session":
        world.store.edit(method.id).hidden["set_up"] = True
    if is_manual:
        record.body |= {"status": "requires_capture", "amount_capturable": record.body["amount"]}
        events.emit(world, "charge.succeeded", charge.body, record.account)
        events.emit(world, "payment_intent.amount_capturable_updated", record.body, record.account)
        return record
    charges.settle(world, charge.id, record.body["amount"])
    events.emit(world, "charge.succeeded", charge.body, record.account)
    return _succeed(world, record, record.body["amount"])


def _succeed(world: World, record: Record, amount: int) -> Record:
    record.body |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    events.emit(world, "payment_intent.succeeded", record.body, record.account)
    _tell(world, record)
    refunds.retry_waiting(world, record.account)
    return record


def _tell(world: World, record: Record) -> None:
    for follow in FOLLOWERS:
        follow(world, record)


def _must_authenticate(card: cards.Card, method: Record, *, off_session: bool) -> bool:
    if card.authentication == "on_session":
        return not off_session
    if card.authentication == "unless_set_up":
        return not (off_session and method.hidden["set_up"])
    return card.authentication == "always"


def _ask_for_authentication(world: World, record: Record) -> Record:
    redirect = {"return_url": record.hidden["return_url"], "url": f"{world.base_url}/3ds/{record.id}"}
    record.body |= {"status": "requires_action"}
    record.body["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
    events.emit(world, "payment_intent.requires_action", record.body, record.account)
    _tell(world, record)
    return record


def authenticate(world: World, id: str, *, passed: bool) -> Record:
    """The customer came back from 3D Secure.

    Raises `CardDeclined` when he failed, or when his card declines then.
    """
    record = world.store.edit(id)
    if record.body["status"] != "requires_action":
        raise _unexpected(record, "authenticate")
    method = world.store.find(record.body["payment_method"])
    assert method is not None
    if passed:
        return pay(world, id, method, authenticated=True)
    error = CardDeclined(
        "We are unable to authenticate your payment method. Please choose a different payment method and "
        "try again.",
        code="payment_intent_authentication_failure",
        keep=True,
    )
    _fail(world, record, method, error)
    raise error


def _decline(
    world: World, record: Record, method: Record, code: str, *, authenticated: bool = False
) -> CardDeclined:
    card = payment_methods.card_of(method)
    if code == "authentication_required":
        card = cards.Card(card.number, card.name, card.about, decline=f"{code}/{code}")
    charge = charges.make_failed(world, record, method, card, authenticated=authenticated)
    record.body["latest_charge"] = charge.id
    error = cards.declined(card, charge=charge.id)
    _fail(world, record, method, error)
    return error


def _fail(world: World, record: Record, method: Record, error: CardDeclined) -> None:
    shown: dict[str, Any] = error.body()["error"]
    record.body |= {"status": "requires_payment_method", "next_action": None, "payment_method": None}
    record.body["last_payment_error"] = shown | {"payment_method": method.body}
    events.emit(world, "payment_intent.payment_failed", record.body, record.account)
    _tell(world, record)
    error.more["payment_intent"] = dict(record.body)


def _unexpected(record: Record, verb: str) -> Refused:
    return Refused(
        f"You cannot {verb} this PaymentIntent because it has a status of {record.body['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=dict(record.body),
    )
