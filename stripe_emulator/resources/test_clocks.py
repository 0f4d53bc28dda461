"""Test clocks: customers whose billing happens at a time of its own, moved forward by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext

from stripe_emulator import agenda, events, lists, periods
from stripe_emulator.errors import Invalid
from stripe_emulator.resources import customers
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

KIND = "test_helpers.test_clock"
DELETED_AFTER = 30 * 24 * 3600
MOST_INTERVALS = 2
MOST_YEARS = 2
OWNERS = ("test_clock", "customer", "subscription", "invoice")
"""Fields that lead from an object to its test clock, or to whose it is."""


@route("POST", "/v1/test_helpers/test_clocks")
def create(call: Call) -> Body:
    call.built("frozen_time name customer")
    world, given = call.world, call.params
    body = {
        "id": world.new_id("clock"),
        "object": KIND,
        "created": world.now(),
        "deletes_after": world.now() + DELETED_AFTER,
        "frozen_time": given["frozen_time"],
        "livemode": False,
        "name": given.get("name"),
        "status": "ready",
        "status_details": {},
    }
    record = world.add(body, call.account)
    if "customer" in given:
        customer = world.get("customer", given["customer"], call.account, param="customer")
        customers.put_on_clock(world, id=customer.id, clock=record.id)
    agenda.plan(world, "delete_test_clock", record.id, body["deletes_after"])
    events.emit(world, "test_helpers.test_clock.created", body, call.account)
    return body


@route("GET", "/v1/test_helpers/test_clocks")
def index(call: Call) -> Body:
    return lists.page(call, KIND)


@route("GET", "/v1/test_helpers/test_clocks/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/test_helpers/test_clocks/{}/advance")
def advance(call: Call) -> Body:
    """Everything due by then has happened before the next request; the answer still says *advancing*."""
    world = call.world
    record = world.get(KIND, call.id, call.account)
    to = call.params["frozen_time"]
    _check(world, record, to)
    world.store.edit(record.id).body |= {
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": to}},
    }
    advancing = dict(world.get(KIND, record.id, call.account).body)
    events.emit(world, "test_helpers.test_clock.advancing", advancing, call.account)
    agenda.run_test_clock(world, record.id, to)
    body = world.store.edit(record.id).body
    body |= {"frozen_time": to, "status": "ready", "status_details": {}}
    with world.on_test_clock(record.id, to):
        events.emit(world, "test_helpers.test_clock.ready", body, call.account)
    return advancing


@route("DELETE", "/v1/test_helpers/test_clocks/{}")
def delete(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    remove(call.world, record.id)
    return {"id": record.id, "object": KIND, "deleted": True}


@agenda.job("delete_test_clock")
def remove(world: World, id: str) -> None:
    """With its customers, and with what was planned for them."""
    record = world.store.get(KIND, id)
    assert record is not None
    agenda.cancel(world, "delete_test_clock", id)
    for due in list(world.store.all(agenda.KIND)):
        if due.body.get("test_clock") == id:
            world.store.remove(due.id)
    for customer in customers.of_clock(world, record):
        customers.remove(world, customer)
    world.store.remove(id)
    events.emit(world, "test_helpers.test_clock.deleted", record.body, record.account)


def _check(world: World, record: Record, to: int) -> None:
    now = record.body["frozen_time"]
    if to <= now:
        raise Invalid(
            "The test clock can only be advanced forward: frozen_time must be after the current one.",
            param="frozen_time",
        )
    if to > _latest(world, record, now):
        raise Invalid(
            f"The test clock cannot be advanced more than {MOST_INTERVALS} intervals of its shortest "
            f"subscription, or {MOST_YEARS} years without one.",
            param="frozen_time",
        )


def _latest(world: World, record: Record, now: int) -> int:
    """How far it may go at once."""
    owners = {customer.id for customer in customers.of_clock(world, record)}
    steps = [
        periods.step(
            now, item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"], 2
        )
        for subscription in world.store.all("subscription", record.account)
        if subscription.body["customer"] in owners and subscription.body["status"] != "canceled"
        for item in subscription.body["items"]["data"]
    ]
    return min(steps, default=periods.step(now, "year", 1, MOST_YEARS))


# who is on one


def named_by(body: Body) -> list[str]:
    """Identifiers in it that may lead to a test clock."""
    return [body[name] for name in OWNERS if isinstance(body.get(name), str)]


@contextmanager
def followed(world: World, ids: Iterable[str]) -> Iterator[None]:
    """The time of the first test clock that one of these objects is on; else the world's."""
    found = (clock for id in ids for clock in [_of(world, world.store.find(id))] if clock)
    record = next(found, None)
    with world.on_test_clock(record.id, record.body["frozen_time"]) if record else nullcontext():
        yield


def _of(world: World, record: Record | None) -> Record | None:
    """The test clock of an object, through its customer."""
    if record is None or record.type == KIND:
        return record
    owner = next(iter(named_by(record.body)), "")
    return _of(world, world.store.find(owner))
