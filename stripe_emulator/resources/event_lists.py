"""Reading events: snapshots under v1, thin events under v2."""

from __future__ import annotations

from stripe_emulator import events, lists
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World


@route("GET", "/v1/events")
def index(call: Call) -> Body:
    params = call.params
    types = params.get("types") or ([params["type"]] if "type" in params else ["*"])
    wanted = params.get("delivery_success")

    def keep(record: Record) -> bool:
        return events.named(record.body["type"], types) and wanted in (
            None,
            record.body["pending_webhooks"] == 0,
        )

    return lists.page(call, events.SNAPSHOT, also="type types delivery_success", keep=keep)


@route("GET", "/v1/events/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(events.SNAPSHOT, call.id, call.account).body


@route("GET", "/v2/core/events")
def index_v2(call: Call) -> Body:
    params = call.params
    types = params.get("types") or ["*"]

    def keep(record: Record) -> bool:
        about = record.body.get("related_object") or {}
        return (
            _is_readable(call.world, record, call.account)
            and events.named(record.body["type"], types)
            and params.get("object_id") in (None, about.get("id"))
            and lists.within(record.body["created"], params.get("created"))
        )

    return lists.page_v2(call, filter(keep, call.world.store.all(events.THIN)), lambda record: record.body)


@route("GET", "/v2/core/events/{}")
def retrieve_v2(call: Call) -> Body:
    record = call.world.store.get(events.THIN, call.id)
    if record is None or not _is_readable(call.world, record, call.account):
        return call.world.get(events.THIN, call.id, call.account).body
    return record.body


def _is_readable(world: World, record: Record, account: str) -> bool:
    return account in (world.platform, record.account)
