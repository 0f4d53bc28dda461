"""v2 event destinations: where thin events or snapshots are sent."""

from __future__ import annotations

from typing import Any

from stripe_emulator import events, lists
from stripe_emulator.clock import iso
from stripe_emulator.errors import Invalid, Unbuilt, missing_param
from stripe_emulator.router import Call, route
from stripe_emulator.settings import API_VERSION
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, merged_metadata

KIND = "v2.core.event_destination"
SECRET, URL = "webhook_endpoint.signing_secret", "webhook_endpoint.url"


@route("POST", "/v2/core/event_destinations")
def create(call: Call) -> Body:
    given = call.params
    if given["type"] != "webhook_endpoint":
        raise Unbuilt(f"event destinations of type {given['type']}")
    if "webhook_endpoint" not in given:
        raise missing_param("webhook_endpoint")
    check_url(given["webhook_endpoint"]["url"])
    record = make(call.world, given["webhook_endpoint"]["url"], given)
    return view(record, given.get("include"))


@route("GET", "/v2/core/event_destinations")
def index(call: Call) -> Body:
    include = call.params.get("include")
    return lists.page_v2(call, call.world.store.all(KIND), lambda record: view(record, include))


@route("GET", "/v2/core/event_destinations/{}")
def retrieve(call: Call) -> Body:
    return view(_find(call), call.params.get("include"))


@route("POST", "/v2/core/event_destinations/{}")
def update(call: Call) -> Body:
    record = call.world.store.edit(_find(call).id)
    for name in ("description", "enabled_events", "name"):
        record.body[name] = call.params.get(name, record.body[name])
    record.body["metadata"] = merged_metadata(record.body["metadata"], call.params.get("metadata"))
    if "webhook_endpoint" in call.params:
        check_url(call.params["webhook_endpoint"]["url"])
        record.hidden["url"] = call.params["webhook_endpoint"]["url"]
    record.body["updated"] = iso(call.world.now())
    return view(record, call.params.get("include"))


@route("POST", "/v2/core/event_destinations/{}/enable")
def enable(call: Call) -> Body:
    return view(switch(call.world, _find(call), on=True), None)


@route("POST", "/v2/core/event_destinations/{}/disable")
def disable(call: Call) -> Body:
    return view(switch(call.world, _find(call), on=False), None)


def switch(world: World, record: Record, *, on: bool) -> Record:
    """Enabled or disabled, the next version of a destination."""
    record = world.store.edit(record.id)
    status: Body = {"status": "enabled", "status_details": None}
    if not on:
        status = {"status": "disabled", "status_details": {"disabled": {"reason": "user"}}}
    record.body |= status | {"updated": iso(world.now())}
    return record


@route("POST", "/v2/core/event_destinations/{}/ping")
def ping(call: Call) -> Body:
    return events.emit_v2(call.world, f"{KIND}.ping", _find(call).body).body


@route("DELETE", "/v2/core/event_destinations/{}")
def delete(call: Call) -> Body:
    record = _find(call)
    call.world.store.remove(record.id)
    return {"id": record.id, "object": KIND}


def make(world: World, url: str, given: Body, *, secret: str = "", fixed: bool = False) -> Record:
    """A destination. `fixed`: configured from outside, so a reset keeps it."""
    body = {
        "id": world.new_id("ed_test"),
        "object": KIND,
        "created": iso(world.now()),
        "description": given.get("description", ""),
        "enabled_events": given["enabled_events"],
        "event_payload": given["event_payload"],
        "events_from": given.get("events_from", ["@self"]),
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "name": given["name"],
        "snapshot_api_version": API_VERSION if given["event_payload"] == "snapshot" else None,
        "status": "enabled",
        "status_details": None,
        "type": "webhook_endpoint",
        "updated": iso(world.now()),
        "webhook_endpoint": None,
    }
    return world.add(body, world.platform, url=url, secret=secret or f"whsec_{world.token(32)}", fixed=fixed)


def configure(world: World, url: str, payload: str, secret: str) -> Record:
    """The destination of the command line for this address and payload.

    Made once, its secret kept up to date.
    """
    for record in world.store.all(KIND):
        if record.hidden["fixed"] and (record.hidden["url"], record.body["event_payload"]) == (url, payload):
            changed = world.store.edit(record.id)
            changed.hidden["secret"] = secret
            return changed
    given = {"name": "Command line", "enabled_events": ["*"], "event_payload": payload}
    return make(world, url, given | {"events_from": ["@self", "@accounts"]}, secret=secret, fixed=True)


def forget_others(world: World, urls: set[str]) -> None:
    """Drop the destinations of earlier command lines that are not among `urls`."""
    for record in list(world.store.all(KIND)):
        if record.hidden["fixed"] and record.hidden["url"] not in urls:
            world.store.remove(record.id)


def view(record: Record, include: Any) -> Body:
    """The address and the signing secret are shown only when asked for."""
    wanted = set(include or []) & {SECRET, URL}
    if not wanted:
        return record.body
    shown = {
        "signing_secret": record.hidden["secret"] if SECRET in wanted else None,
        "url": record.hidden["url"] if URL in wanted else None,
    }
    return record.body | {"webhook_endpoint": shown}


def check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise Invalid(f"Invalid URL: {url}", code="url_invalid", param="url")


def _find(call: Call) -> Record:
    return call.world.get(KIND, call.id, call.world.platform)
