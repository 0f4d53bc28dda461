"""v1 webhook endpoints: where snapshots are sent."""

from __future__ import annotations

from stripe_emulator import lists
from stripe_emulator.resources.event_destinations import check_url
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body
from stripe_emulator.world import blank, merged_metadata

KIND = "webhook_endpoint"


@route("POST", "/v1/webhook_endpoints")
def create(call: Call) -> Body:
    call.built("url enabled_events connect description metadata api_version")
    world, given = call.world, call.params
    check_url(given["url"])
    body = blank("application") | {
        "id": world.new_id("we"),
        "object": KIND,
        "api_version": given.get("api_version"),
        "created": world.now(),
        "description": given.get("description"),
        "enabled_events": given["enabled_events"],
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "status": "enabled",
        "url": given["url"],
    }
    secret = f"whsec_{world.token(32)}"
    world.add(body, call.account, url=given["url"], secret=secret, connect=given.get("connect", False))
    return body | {"secret": secret}


@route("GET", "/v1/webhook_endpoints")
def index(call: Call) -> Body:
    return lists.page(call, KIND)


@route("GET", "/v1/webhook_endpoints/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/webhook_endpoints/{}")
def update(call: Call) -> Body:
    call.built("url enabled_events description metadata disabled")
    record = call.world.store.edit(call.world.get(KIND, call.id, call.account).id)
    for name in ("url", "enabled_events", "description"):
        record.body[name] = call.params.get(name, record.body[name])
    record.hidden["url"] = record.body["url"]
    if "disabled" in call.params:
        record.body["status"] = "disabled" if call.params["disabled"] else "enabled"
    record.body["metadata"] = merged_metadata(record.body["metadata"], call.params.get("metadata"))
    return record.body


@route("DELETE", "/v1/webhook_endpoints/{}")
def delete(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    call.world.store.remove(record.id)
    return {"id": record.id, "object": KIND, "deleted": True}
