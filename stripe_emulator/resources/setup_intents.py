"""Setup intents: a card is saved for later without a charge."""

from __future__ import annotations

from stripe_emulator import cards, events, lists
from stripe_emulator.errors import CardDeclined, Refused, missing_param
from stripe_emulator.resources import payment_methods
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "setup_intent"
CREATE = (
    "automatic_payment_methods confirm customer description metadata payment_method payment_method_types "
    "return_url usage"
)
NOTHING = (
    "application attach_to_self cancellation_reason customer_account excluded_payment_method_types "
    "flow_directions last_setup_error latest_attempt mandate next_action on_behalf_of payment_method "
    "payment_method_configuration_details single_use_mandate"
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@route("POST", "/v1/setup_intents")
def create(call: Call) -> Body:
    call.built(CREATE)
    world, given = call.world, call.params
    if "customer" in given:
        world.get("customer", given["customer"], call.account, param="customer")
    record = make(world, call.account, given)
    if "payment_method" in given:
        method = payment_methods.find(world, call.account, given["payment_method"])
        record.body |= {"payment_method": method.id, "status": "requires_confirmation"}
    return _confirmed(world, record, given) if given.get("confirm") else record.body


@route("GET", "/v1/setup_intents")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "customer payment_method")


@route("GET", "/v1/setup_intents/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/setup_intents/{}")
def update(call: Call) -> Body:
    call.built("description metadata")
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body["description"] = call.params.get("description", body["description"])
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    return body


@route("POST", "/v1/setup_intents/{}/confirm")
def confirm(call: Call) -> Body:
    call.built("payment_method return_url")
    record = _open(call, "confirm")
    return _confirmed(call.world, record, call.params)


@route("POST", "/v1/setup_intents/{}/cancel")
def cancel(call: Call) -> Body:
    call.built("cancellation_reason")
    return void(call.world, _open(call, "cancel").id, call.params.get("cancellation_reason")).body


def _open(call: Call, verb: str) -> Record:
    record = call.world.get(KIND, call.id, call.account)
    if record.body["status"] not in OPEN:
        raise _unexpected(record, verb)
    return call.world.store.edit(record.id)


def _confirmed(world: World, record: Record, given: Body) -> Body:
    record.hidden["return_url"] = given.get("return_url") or record.hidden["return_url"]
    chosen = given.get("payment_method") or record.body["payment_method"]
    if not chosen:
        raise missing_param("payment_method")
    return save(world, record.id, payment_methods.find(world, record.account, chosen)).body


def make(world: World, account: str, given: Body) -> Record:
    """A new intent with nothing tried yet."""
    id = world.new_id("seti")
    body = blank(NOTHING) | {
        "id": id,
        "object": KIND,
        "automatic_payment_methods": given.get("automatic_payment_methods"),
        "client_secret": f"{id}_secret_{world.token(25)}",
        "created": world.now(),
        "customer": given.get("customer"),
        "description": given.get("description"),
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "payment_method_options": {},
        "payment_method_types": given.get("payment_method_types") or ["card"],
        "status": "requires_payment_method",
        "usage": given.get("usage", "off_session"),
    }
    record = world.add(body, account, return_url=given.get("return_url"))
    events.emit(world, "setup_intent.created", body, account)
    return record


def save(world: World, id: str, method: Record, *, authenticated: bool = False) -> Record:
    """Try to save the card.

    Raises `CardDeclined`, keeping what was tried; may end in ``requires_action``.
    """
    record = world.store.edit(id)
    record.body |= {"payment_method": method.id, "next_action": None, "last_setup_error": None}
    card = payment_methods.card_of(method)
    if card.authentication and not authenticated:
        redirect = {"return_url": record.hidden["return_url"], "url": f"{world.base_url}/3ds/{id}"}
        record.body |= {"status": "requires_action"}
        record.body["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
        events.emit(world, "setup_intent.requires_action", record.body, record.account)
        return record
    if card.decline and not card.attaches and not card.authentication:
        raise _failed(world, record, method, cards.declined(card))
    method = world.store.edit(method.id)
    method.hidden["set_up"] = True
    if record.body["customer"]:
        payment_methods.keep_for(world, method, record.body["customer"])
    record.body["status"] = "succeeded"
    events.emit(world, "setup_intent.succeeded", record.body, record.account)
    return record


def authenticate(world: World, id: str, *, passed: bool) -> Record:
    """The customer came back from 3D Secure; raises `CardDeclined` when he failed."""
    record = world.store.edit(id)
    if record.body["status"] != "requires_action":
        raise _unexpected(record, "authenticate")
    method = world.store.find(record.body["payment_method"])
    assert method is not None
    if passed:
        return save(world, id, method, authenticated=True)
    error = CardDeclined(
        "We are unable to authenticate your payment method. Please choose a different payment method and "
        "try again.",
        code="setup_intent_authentication_failure",
        keep=True,
    )
    raise _failed(world, record, method, error)


def _failed(world: World, record: Record, method: Record, error: CardDeclined) -> CardDeclined:
    record.body |= {"status": "requires_payment_method", "next_action": None, "payment_method": None}
    record.body["last_setup_error"] = error.body()["error"] | {"payment_method": method.body}
    events.emit(world, "setup_intent.setup_failed", record.body, record.account)
    error.more["setup_intent"] = dict(record.body)
    return error


def void(world: World, id: str, reason: str | None) -> Record:
    record = world.store.edit(id)
    record.body |= {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    events.emit(world, "setup_intent.canceled", record.body, record.account)
    return record


def _unexpected(record: Record, verb: str) -> Refused:
    return Refused(
        f"You cannot {verb} this SetupIntent because it has a status of {record.body['status']}.",
        code="setup_intent_unexpected_state",
        setup_intent=dict(record.body),
    )
