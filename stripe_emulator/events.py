"""Events: written in the same step as what they tell about, as a snapshot (v1) and as a thin event (v2)."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from stripe.events._event_classes import get_v2_event_notification_class
from stripe.v2.core._event import UnknownEventNotification

from stripe_emulator.clock import iso
from stripe_emulator.errors import Missing
from stripe_emulator.settings import API_VERSION
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World, blank

SNAPSHOT, THIN = "event", "v2.core.event"
DELIVERY = "emulator.delivery"
REACHED = "reached"
"""The destinations that have an event."""

URLS = {
    "account": "/v1/accounts/{}",
    "billing_portal.configuration": "/v1/billing_portal/configurations/{}",
    "charge": "/v1/charges/{}",
    "checkout.session": "/v1/checkout/sessions/{}",
    "coupon": "/v1/coupons/{}",
    "customer": "/v1/customers/{}",
    "dispute": "/v1/disputes/{}",
    "invoice": "/v1/invoices/{}",
    "invoice_payment": "/v1/invoice_payments/{}",
    "invoiceitem": "/v1/invoiceitems/{}",
    "payment_intent": "/v1/payment_intents/{}",
    "payment_method": "/v1/payment_methods/{}",
    "payout": "/v1/payouts/{}",
    "price": "/v1/prices/{}",
    "product": "/v1/products/{}",
    "promotion_code": "/v1/promotion_codes/{}",
    "radar.early_fraud_warning": "/v1/radar/early_fraud_warnings/{}",
    "refund": "/v1/refunds/{}",
    "setup_intent": "/v1/setup_intents/{}",
    "subscription": "/v1/subscriptions/{}",
    "test_helpers.test_clock": "/v1/test_helpers/test_clocks/{}",
    "transfer": "/v1/transfers/{}",
    "v2.core.account": "/v2/core/accounts/{}",
    "v2.core.event_destination": "/v2/core/event_destinations/{}",
}
DATA: dict[str, Callable[[Body], Body]] = {
    "invoice.upcoming": lambda body: {
        "customer": body["customer"],
        "subscription": body["parent"]["subscription_details"]["subscription"],
    },
}
"""What the thin twin of a v1 event says by itself: its object cannot be fetched."""
SINGLETONS = {"balance": "/v1/balance", "balance_settings": "/v1/balance_settings"}


@cache
def has_thin(type: str) -> bool:
    """Whether the SDK knows a thin event of this name."""
    return get_v2_event_notification_class(type) is not UnknownEventNotification


@cache
def has_related(type: str) -> bool:
    """Whether that thin event leads to an object: a few tell of one that has no address of its own."""
    fields: Body = get_v2_event_notification_class(type).__annotations__
    return "related_object" in fields


def emit(world: World, type: str, body: Body, account: str, previous: Body | None = None) -> Record:
    """A v1 event about `body` as it is now, its thin twin where there is one, and their deliveries."""
    snapshot = _snapshot(world, type, body, account, previous)
    pending = _queue(world, snapshot, "snapshot")
    if has_thin(f"v1.{type}"):
        related = _related(body) if has_related(f"v1.{type}") else None
        data = DATA[type](body) if type in DATA else None
        thin = _thin(world, f"v1.{type}", related, account, snapshot_event=snapshot.id, data=data)
        pending += _queue(world, thin, "thin")
    snapshot.body["pending_webhooks"] = pending
    return snapshot


def changes(before: Body, after: Body) -> Body:
    """What an object had before where it has something else now: the ``previous_attributes`` of an event."""
    previous: Body = copy_of({name: value for name, value in before.items() if value != after.get(name)})
    return previous


def emit_v2(world: World, type: str, related: Body | None, data: Body | None = None) -> Record:
    """A thin event of v2, about an object of the platform's."""
    thin = _thin(world, type, _related(related) if related else None, world.platform, data=data)
    _queue(world, thin, "thin")
    return thin


def _related(body: Body) -> Body:
    kind = body["object"]
    if kind in SINGLETONS:
        return {"type": kind, "url": SINGLETONS[kind]}
    return {"id": body["id"], "type": kind, "url": URLS[kind].format(body["id"])}


def _snapshot(world: World, type: str, body: Body, account: str, previous: Body | None) -> Record:
    world.verify(body)
    event = {
        "id": world.new_id("evt"),
        "object": SNAPSHOT,
        "api_version": API_VERSION,
        "created": world.now(),
        "data": {"object": copy_of(body)} | ({"previous_attributes": previous} if previous else {}),
        "livemode": False,
        "pending_webhooks": 0,
        "request": world.request,
        "type": type,
    }
    if account != world.platform:
        event["account"] = account
    return world.add(world.verify(event), account)


def _thin(world: World, type: str, related: Body | None, account: str, **more: Any) -> Record:
    event = blank("changes context reason") | {
        "id": world.new_id("evt_test"),
        "object": THIN,
        "created": iso(world.now()),
        "livemode": False,
        "type": type,
    }
    if related is not None:
        event["related_object"] = related
    if account != world.platform:
        event["context"] = account
    if world.request["id"]:
        event["reason"] = {"type": "request", "request": world.request | _key(world)}
    event |= {name: value for name, value in more.items() if value is not None}
    return world.add(world.verify(event), account)


def _key(world: World) -> Body:
    return {"idempotency_key": world.request["idempotency_key"] or ""}


def notification(event: Body) -> Body:
    """What a thin delivery carries: the event without its data."""
    return {
        name: value for name, value in event.items() if name not in ("data", "changes") and value is not None
    }


# who gets it


def _queue(world: World, event: Record, payload: str) -> int:
    destinations = [
        d for d in world.store.all("v2.core.event_destination") if _listens(world, d, event, payload)
    ]
    if payload == "snapshot":
        destinations += [d for d in world.store.all("webhook_endpoint") if _endpoint_listens(world, d, event)]
    for destination in destinations:
        _deliver(world, event, destination, payload)
    return len(destinations)


def _listens(world: World, destination: Record, event: Record, payload: str) -> bool:
    body = destination.body
    if body["status"] != "enabled" or body["event_payload"] != payload:
        return False
    own = event.account == world.platform
    sources = body["events_from"] or ["@self"]
    from_there = (
        bool({"@self", "self"} & set(sources))
        if own
        else bool({"@accounts", "other_accounts"} & set(sources))
    )
    return from_there and named(event.body["type"], body["enabled_events"])


def _endpoint_listens(world: World, endpoint: Record, event: Record) -> bool:
    own = event.account == world.platform
    return (
        endpoint.body["status"] == "enabled"
        and endpoint.hidden["connect"] is not own
        and named(event.body["type"], endpoint.body["enabled_events"])
    )


def named(type: str, patterns: list[str]) -> bool:
    return any(
        pattern in ("*", type) or fnmatchcase(type, pattern.replace("[", "[[]")) for pattern in patterns
    )


def _deliver(world: World, event: Record, destination: Record, payload: str) -> Record:
    delivery = {
        "event": event.id,
        "event_type": event.body["type"],
        "destination": destination.id,
        "payload": payload,
        "state": "pending",
        "created": world.clock.timestamp(),
        "next_attempt_at": world.clock.timestamp(),
        "attempts": [],
        "put_off": False,
    }
    return world.store.add(DELIVERY, world.new_id("dl"), delivery, account=event.account)


def redeliver(world: World, delivery: Record) -> Record:
    """The same event once more to the same destination."""
    event, destination = (
        world.store.find(delivery.body["event"]),
        world.store.find(delivery.body["destination"]),
    )
    if event is None or destination is None:
        raise Missing("destination", delivery.body["destination"])
    return _deliver(world, event, destination, delivery.body["payload"])


def count_delivered(world: World, delivery: Record) -> None:
    """One destination less to wait for, once; a thin event counts for its snapshot."""
    event = world.store.find(delivery.body["event"])
    if event is None or delivery.body["destination"] in event.hidden.get(REACHED, []):
        return
    reached = world.store.edit(event.id).hidden
    reached[REACHED] = [*reached.get(REACHED, []), delivery.body["destination"]]
    snapshot = world.store.get(SNAPSHOT, event.body.get("snapshot_event", event.id))
    if snapshot is not None:
        world.store.edit(snapshot.id).body["pending_webhooks"] -= 1
