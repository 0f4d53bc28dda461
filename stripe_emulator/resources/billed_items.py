"""What a subscription is for: its items, how much of each, and from when to when."""

from __future__ import annotations

from stripe_emulator import lists
from stripe_emulator.errors import Invalid, Unbuilt
from stripe_emulator.periods import following
from stripe_emulator.resources import products
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World, blank, merged_metadata

KIND = "subscription_item"
MOST = 20
BUILT = {"id", "price", "price_data", "quantity", "metadata", "deleted"}


def items_of(owner: Record) -> list[Body]:
    found: list[Body] = owner.body["items"]["data"]
    return found


def frozen(world: World, owner: Record) -> list[Body]:
    """The items as they are, each with what was ``paid_for`` its period."""
    return [copy_of(item | {"paid_for": _record(world, item).hidden["paid_for"]}) for item in items_of(owner)]


def note_paid(world: World, item: Body, amount: int) -> None:
    """What an item's whole period was billed at: what a proration gives back a part of."""
    world.store.edit(item["id"]).hidden["paid_for"] = amount


def _record(world: World, item: Body) -> Record:
    record = world.store.find(item["id"])
    assert record is not None
    return record


def worth(items: list[Body]) -> int:
    """What a period of all of them costs, before discounts."""
    return sum(price_of(item) for item in items)


def price_of(item: Body) -> int:
    return int(item["price"]["unit_amount"]) * int(item["quantity"])


# periods


def period_of(owner: Record) -> Body:
    item = items_of(owner)[0]
    return {"start": item["current_period_start"], "end": item["current_period_end"]}


def set_period(world: World, owner: Record, begin: int, end: int | None = None) -> None:
    """From `begin` to `end`, or to the next step from the anchor."""
    end = end or _next_step(owner, begin)
    for item in items_of(owner):
        body = world.store.edit(item["id"]).body
        body |= {"billed_until": end, "current_period_start": begin, "current_period_end": end}
    show(world, owner)


def _next_step(owner: Record, moment: int) -> int:
    recurring = items_of(owner)[0]["price"]["recurring"]
    anchor = owner.body["billing_cycle_anchor"]
    return following(anchor, recurring["interval"], recurring["interval_count"], moment)


# changes


def put(world: World, owner: Record, given: Body, path: str) -> None:
    """Add, change or take away an item, as an entry of a change says."""
    if "id" not in given:
        add(world, owner, given, path)
        return
    _check(given, path)
    record = world.get(KIND, given["id"], owner.account, param=f"{path}[id]")
    if record.body["subscription"] != owner.id:
        raise Invalid("This item belongs to another subscription.", param=f"{path}[id]")
    if given.get("deleted"):
        world.store.remove(record.id)
        owner.body["items"]["data"] = [i for i in items_of(owner) if i["id"] != record.id]
        return
    body = world.store.edit(record.id).body
    if "price" in given or "price_data" in given:
        body |= _priced(world, owner, given, path)
    body["quantity"] = _quantity(given, path, body["quantity"])
    body["metadata"] = merged_metadata(body["metadata"], given.get("metadata"))
    show(world, owner)


def add(world: World, owner: Record, given: Body, path: str) -> None:
    """One more item, for what is left of the period of those there."""
    _check(given, path)
    there = items_of(owner)
    if len(there) >= MOST:
        raise Invalid(f"A subscription has at most {MOST} items.", param=path)
    now = world.now()
    period = period_of(owner) if there else {"start": now, "end": now}
    body = (
        blank("billing_thresholds current_trial")
        | _priced(world, owner, given, path)
        | {
            "id": world.new_id("si", 14),
            "object": KIND,
            "billed_until": period["end"],
            "created": now,
            "current_period_end": period["end"],
            "current_period_start": period["start"],
            "discounts": [],
            "metadata": merged_metadata({}, given.get("metadata")),
            "quantity": _quantity(given, path, 1),
            "subscription": owner.id,
            "tax_rates": [],
        }
    )
    world.add(body, owner.account, paid_for=0)
    there.append(body)
    show(world, owner)


def _check(given: Body, path: str) -> None:
    unknown = set(given) - BUILT
    if unknown:
        raise Unbuilt(f"{path}[{min(unknown)}] of subscriptions")


def _quantity(given: Body, path: str, usual: int) -> int:
    quantity: int = given.get("quantity", usual)
    if quantity < 0:
        raise Invalid("Invalid quantity", code="parameter_invalid_integer", param=f"{path}[quantity]")
    return quantity


def _priced(world: World, owner: Record, given: Body, path: str) -> Body:
    price = products.find_price(world, owner.account, given, path).body
    if not price["recurring"]:
        raise Invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            "`type=recurring`.",
            param=f"{path}[price]",
        )
    if price["currency"] != (owner.body["currency"] or price["currency"]):
        raise Invalid("All prices of a subscription have one currency.", param=f"{path}[price]")
    owner.body["currency"] = price["currency"]
    return {"price": price, "plan": plan_of(price)}


def plan_of(price: Body) -> Body:
    """The price in the words of before there were prices."""
    recurring = price["recurring"]
    copied = (
        "active",
        "billing_scheme",
        "created",
        "currency",
        "id",
        "livemode",
        "metadata",
        "nickname",
        "product",
    )
    return (
        blank("meter tiers_mode transform_usage trial_period_days")
        | {name: price[name] for name in copied}
        | {
            "object": "plan",
            "amount": price["unit_amount"],
            "amount_decimal": price["unit_amount_decimal"],
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "usage_type": recurring["usage_type"],
        }
    )


def show(world: World, owner: Record) -> None:
    """Write the items anew where their subscription shows them."""
    ids = [item["id"] for item in items_of(owner)]
    found = [record.body for id in ids for record in [world.store.find(id)] if record is not None]
    intervals = {
        (i["price"]["recurring"]["interval"], i["price"]["recurring"]["interval_count"]) for i in found
    }
    if len(intervals) > 1:
        raise Unbuilt("subscriptions with several billing intervals")
    owner.body["items"] = lists.listing(found, f"/v1/subscription_items?subscription={owner.id}")


def reprice(world: World, owner: Record, price: Record) -> None:
    for item in items_of(owner):
        if item["price"]["id"] == price.id:
            world.store.edit(item["id"]).body |= {"price": price.body, "plan": plan_of(price.body)}
    show(world, owner)
