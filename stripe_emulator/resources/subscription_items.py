"""Endpoints of subscription items: each is a change of its subscription."""

from __future__ import annotations

from stripe_emulator import lists
from stripe_emulator.resources import subscriptions
from stripe_emulator.resources.billed_items import KIND, items_of
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body

TERMS = "off_session payment_behavior proration_behavior proration_date"
FIELDS = "metadata price price_data quantity"


@route("POST", "/v1/subscription_items")
def create(call: Call) -> Body:
    call.built(f"{FIELDS} {TERMS} subscription")
    owner = call.world.get(
        subscriptions.KIND, call.params["subscription"], call.account, param="subscription"
    )
    before = {item["id"] for item in items_of(owner)}
    changed = subscriptions.update(call.world, owner.id, _as_change(call, {}))
    return next(item for item in items_of(changed) if item["id"] not in before)


@route("GET", "/v1/subscription_items")
def index(call: Call) -> Body:
    owner = call.world.get(
        subscriptions.KIND, call.params["subscription"], call.account, param="subscription"
    )
    del call.params["subscription"]
    return lists.part(call, items_of(owner))


@route("GET", "/v1/subscription_items/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/subscription_items/{}")
def update(call: Call) -> Body:
    call.built(f"{FIELDS} {TERMS}")
    record = call.world.get(KIND, call.id, call.account)
    subscriptions.update(call.world, record.body["subscription"], _as_change(call, {"id": record.id}))
    return call.world.get(KIND, record.id, call.account).body


@route("DELETE", "/v1/subscription_items/{}")
def delete(call: Call) -> Body:
    call.built(TERMS)
    record = call.world.get(KIND, call.id, call.account)
    change = _as_change(call, {"id": record.id, "deleted": True})
    subscriptions.update(call.world, record.body["subscription"], change)
    return {"id": record.id, "object": KIND, "deleted": True}


def _as_change(call: Call, item: Body) -> Body:
    """The same as a change of the whole subscription."""
    fields = {name: call.params[name] for name in FIELDS.split() if name in call.params}
    terms = {name: call.params[name] for name in TERMS.split() if name in call.params}
    return terms | {"items": [item | fields]}
