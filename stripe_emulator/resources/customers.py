"""Customers."""

from __future__ import annotations

from stripe_emulator import events, lists
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body
from stripe_emulator.world import World, blank, merged_metadata

KIND = "customer"
FIELDS = "address description email name phone preferred_locales shipping"


@route("POST", "/v1/customers")
def create(call: Call) -> Body:
    call.built(f"{FIELDS} metadata")
    return make(call.world, call.account, call.params)


def make(world: World, account: str, given: Body) -> Body:
    body = blank(f"{FIELDS} business_name currency default_source discount individual_name test_clock") | {
        "id": world.new_id("cus", 14),
        "object": KIND,
        "balance": 0,
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
    events.emit(world, "customer.created", record.body, account)
    return record.body


@route("GET", "/v1/customers")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "email")


@route("GET", "/v1/customers/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/customers/{}")
def update(call: Call) -> Body:
    call.built(f"{FIELDS} metadata")
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body |= {name: call.params[name] or None for name in FIELDS.split() if name in call.params}
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "customer.updated", body, call.account)
    return body


@route("DELETE", "/v1/customers/{}")
def delete(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    call.world.store.remove(record.id)
    events.emit(call.world, "customer.deleted", record.body, call.account)
    return {"id": record.id, "object": KIND, "deleted": True}
