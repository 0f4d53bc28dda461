"""Customers."""

from __future__ import annotations

from collections.abc import Callable

from stripe_emulator import events, lists
from stripe_emulator.errors import Refused, Unbuilt
from stripe_emulator.resources import payment_methods
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World, blank, merged_metadata

KIND = "customer"
FIELDS = "address description email name phone preferred_locales shipping"
MOST_ON_CLOCK = 3
LEAVING: list[Callable[[World, str], None]] = []
"""Told of a customer who is deleted, before he is."""


@route("POST", "/v1/customers")
def create(call: Call) -> Body:
    call.built(f"{FIELDS} metadata balance payment_method invoice_settings test_clock")
    world, given = call.world, call.params
    body = make(world, call.account, given)
    named: Body = {}
    if "payment_method" in given:
        method = payment_methods.find(world, call.account, given["payment_method"])
        payment_methods.attach_to(world, method.id, body["id"])
        named[given["payment_method"]] = method.id
    _set_invoicing(world, call.account, body, given.get("invoice_settings", {}), named)
    return body


def _set_invoicing(world: World, account: str, body: Body, given: Body, named: Body) -> None:
    """The settings of a customer's invoices; `named` is what test names of cards stand for."""
    if "rendering_options" in given:
        raise Unbuilt("invoice_settings[rendering_options] of customers")
    settings = {name: value or None for name, value in given.items()}
    chosen = given.get("default_payment_method")
    if chosen:
        owned = payment_methods.owned(world, account, str(named.get(chosen, chosen)), body["id"])
        settings["default_payment_method"] = owned.id
    body["invoice_settings"] |= settings


def make(world: World, account: str, given: Body) -> Body:
    body = blank(f"{FIELDS} business_name currency default_source discount individual_name test_clock") | {
        "id": world.new_id("cus", 14),
        "object": KIND,
        "balance": given.get("balance", 0),
        "created": world.now(),
        "delinquent": False,
        "invoice_prefix": world.token(8).upper(),
        "invoice_settings": blank("custom_fields default_payment_method footer rendering_options"),
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    body |= {name: given[name] or None for name in FIELDS.split() if name in given}
    record = world.add(body, account)
    if given.get("test_clock"):
        put_on_clock(world, id=record.id, clock=given["test_clock"])
    events.emit(world, "customer.created", record.body, account)
    return record.body


@route("GET", "/v1/customers")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "email test_clock")


@route("GET", "/v1/customers/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/customers/{}")
def update(call: Call) -> Body:
    call.built(f"{FIELDS} metadata balance invoice_settings")
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    before = copy_of(body)
    body["balance"] = call.params.get("balance", body["balance"])
    _set_invoicing(call.world, call.account, body, call.params.get("invoice_settings", {}), {})
    body |= {name: call.params[name] or None for name in FIELDS.split() if name in call.params}
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "customer.updated", body, call.account, events.changes(before, body))
    return body


@route("DELETE", "/v1/customers/{}")
def delete(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    remove(call.world, record)
    return {"id": record.id, "object": KIND, "deleted": True}


def remove(world: World, record: Record) -> None:
    for tell in LEAVING:
        tell(world, record.id)
    world.store.remove(record.id)
    events.emit(world, "customer.deleted", record.body, record.account)


def of_clock(world: World, clock: Record) -> list[Record]:
    """The customers on a test clock."""
    found = world.store.all(KIND, clock.account)
    return [customer for customer in found if customer.body["test_clock"] == clock.id]


def put_on_clock(world: World, *, id: str, clock: str) -> None:
    """For good. A clock has room for three customers."""
    body = world.store.edit(id).body
    found = world.get("test_helpers.test_clock", clock, world.store.edit(id).account, param="test_clock")
    if body["test_clock"] is not None:
        raise Refused("A customer cannot change his test clock.", param="customer")
    if len(of_clock(world, found)) >= MOST_ON_CLOCK:
        raise Refused(f"A test clock has at most {MOST_ON_CLOCK} customers.", param="test_clock")
    body["test_clock"] = clock


def use_currency(world: World, id: str, currency: str) -> None:
    """A customer is billed in one currency, that of his first bill."""
    body = world.store.edit(id).body
    if body["currency"] not in (None, currency):
        raise Refused(
            f"You cannot combine currencies on a single customer. This customer has {body['currency']}.",
            param="currency",
        )
    body["currency"] = currency
