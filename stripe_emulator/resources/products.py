"""Products, and their prices: so much per unit, once or every so often."""

from __future__ import annotations

from collections.abc import Callable

from stripe_emulator import events, lists
from stripe_emulator.errors import Invalid, Refused, Unbuilt, missing_param
from stripe_emulator.money import MOST, check_currency
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

PRODUCT, PRICE = "product", "price"
TEXTS = "description shippable statement_descriptor tax_code unit_label url"
FIELDS = f"{TEXTS} active images marketing_features name metadata"
PRICED = (
    "active billing_scheme currency lookup_key metadata nickname product product_data recurring tax_behavior "
    "transfer_lookup_key unit_amount"
)
REPRICED = "active lookup_key metadata nickname tax_behavior transfer_lookup_key"
RECURRING = "interval interval_count usage_type"
LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}
MOST_KEYS = 10
SHOWN_IN: list[Callable[[World, Record], None]] = []
"""Told of each price that changed: other objects show it whole."""


@route("POST", "/v1/products")
def create_product(call: Call) -> Body:
    call.built(f"{FIELDS} id default_price_data type")
    world, given = call.world, call.params
    if given.get("id") and world.store.find(given["id"]) is not None:
        raise Refused("Product already exists.", code="resource_already_exists", param="id")
    record = make_product(world, call.account, given)
    if "default_price_data" in given:
        price = make_price(world, call.account, given["default_price_data"], record.id)
        record.body["default_price"] = price.id
    return record.body


@route("GET", "/v1/products")
def list_products(call: Call) -> Body:
    ids = call.params.get("ids")
    return lists.page(
        call, PRODUCT, "active shippable type url", also="ids", keep=lambda r: ids is None or r.id in ids
    )


@route("GET", "/v1/products/{}")
def retrieve_product(call: Call) -> Body:
    return call.world.get(PRODUCT, call.id, call.account).body


@route("POST", "/v1/products/{}")
def update_product(call: Call) -> Body:
    call.built(f"{FIELDS} default_price")
    world, given = call.world, call.params
    record = world.get(PRODUCT, call.id, call.account)
    if given.get("default_price"):
        price = world.get(PRICE, given["default_price"], call.account, param="default_price")
        if price.body["product"] != record.id:
            raise Refused("The price specified belongs to another product.", param="default_price")
    body = world.store.edit(record.id).body
    before = dict(body)
    body |= {name: value for name, value in given.items() if name not in ("metadata", *_empties(given))}
    body |= _empties(given)
    body["metadata"] = merged_metadata(body["metadata"], given.get("metadata"))
    body["updated"] = world.now()
    events.emit(world, "product.updated", body, call.account, events.changes(before, body))
    return body


@route("DELETE", "/v1/products/{}")
def delete_product(call: Call) -> Body:
    record = call.world.get(PRODUCT, call.id, call.account)
    if any(price.body["product"] == record.id for price in call.world.store.all(PRICE)):
        raise Refused(
            "This product cannot be deleted because it has one or more user-created prices. "
            "You can archive it instead."
        )
    call.world.store.remove(record.id)
    events.emit(call.world, "product.deleted", record.body, call.account)
    return {"id": record.id, "object": PRODUCT, "deleted": True}


def _empties(given: Body) -> Body:
    """What an empty string takes away."""
    lists_of_it = ("images", "marketing_features")
    return {
        name: [] if name in lists_of_it else None
        for name, value in given.items()
        if value == "" and name != "metadata"
    }


def make_product(world: World, account: str, given: Body, *, active: bool = True) -> Record:
    """A new product. Those made from inline data are not active, and nobody is told."""
    body = blank(f"{TEXTS} default_price package_dimensions") | {
        "id": given.get("id") or world.new_id("prod", 14),
        "object": PRODUCT,
        "active": given.get("active", active),
        "created": world.now(),
        "images": given.get("images", []),
        "livemode": False,
        "marketing_features": given.get("marketing_features", []),
        "metadata": merged_metadata({}, given.get("metadata")),
        "name": given["name"],
        "type": given.get("type", "service"),
        "updated": world.now(),
    }
    record = world.add(body | {name: given[name] for name in TEXTS.split() if name in given}, account)
    if active:
        events.emit(world, "product.created", record.body, account)
    return record


# prices


@route("POST", "/v1/prices")
def create_price(call: Call) -> Body:
    call.built(PRICED)
    world, given = call.world, call.params
    if given.get("billing_scheme", "per_unit") != "per_unit":
        raise Unbuilt("tiered prices")
    if ("product" in given) == ("product_data" in given):
        raise Invalid("You must pass exactly one of: product, product_data.", param="product")
    return make_price(world, call.account, given, product_of(world, call.account, given, "").id).body


@route("GET", "/v1/prices")
def list_prices(call: Call) -> Body:
    keys, recurring = call.params.get("lookup_keys"), call.params.get("recurring", {})
    if keys and len(keys) > MOST_KEYS:
        raise Invalid(f"At most {MOST_KEYS} lookup keys at once.", param="lookup_keys")

    def keep(record: Record) -> bool:
        shown = record.body["recurring"] or {}
        known = keys is None or record.body["lookup_key"] in keys
        return known and all(shown.get(name) == value for name, value in recurring.items())

    return lists.page(call, PRICE, "active currency product type", also="lookup_keys recurring", keep=keep)


@route("GET", "/v1/prices/{}")
def retrieve_price(call: Call) -> Body:
    return call.world.get(PRICE, call.id, call.account).body


@route("POST", "/v1/prices/{}")
def update_price(call: Call) -> Body:
    call.built(REPRICED)
    world, given = call.world, call.params
    record = world.store.edit(world.get(PRICE, call.id, call.account).id)
    before = dict(record.body)
    if "lookup_key" in given:
        given["lookup_key"] = _lookup_key(world, call.account, given, but=record.id)
    set_once = record.body["tax_behavior"] != "unspecified"
    if set_once and given.get("tax_behavior", record.body["tax_behavior"]) != record.body["tax_behavior"]:
        raise Refused("The tax_behavior of a price cannot be changed once it is set.", param="tax_behavior")
    copied = ("active", "lookup_key", "nickname", "tax_behavior")
    record.body |= {name: given[name] for name in copied if name in given}
    record.body["metadata"] = merged_metadata(record.body["metadata"], given.get("metadata"))
    _changed(world, record, before)
    return record.body


def _changed(world: World, record: Record, before: Body) -> None:
    events.emit(world, "price.updated", record.body, record.account, events.changes(before, record.body))
    for tell in SHOWN_IN:
        tell(world, record)


def make_price(world: World, account: str, given: Body, product: str, *, active: bool = True) -> Record:
    """A new price of a product. Those made from inline data are not active, and nobody is told."""
    unknown = set(given) - set(PRICED.split())
    if unknown:
        raise Unbuilt(f"{min(unknown)} of prices")
    if given.get("unit_amount") is None:
        raise missing_param("unit_amount")
    if not 0 <= given["unit_amount"] <= MOST:
        raise Invalid("Invalid non-negative integer", code="parameter_invalid_integer", param="unit_amount")
    recurring = _recurring(given["recurring"]) if given.get("recurring") else None
    body = blank("custom_unit_amount tiers_mode transform_quantity") | {
        "id": world.new_id("price"),
        "object": PRICE,
        "active": given.get("active", active),
        "billing_scheme": "per_unit",
        "created": world.now(),
        "currency": check_currency(given["currency"]),
        "livemode": False,
        "lookup_key": _lookup_key(world, account, given),
        "metadata": merged_metadata({}, given.get("metadata")),
        "product": product,
        "recurring": recurring,
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "type": "recurring" if recurring else "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
    }
    body["nickname"] = given.get("nickname")
    record = world.add(body, account)
    if active:
        events.emit(world, "price.created", record.body, account)
    return record


def _recurring(given: Body) -> Body:
    unknown = set(given) - set(RECURRING.split())
    if unknown:
        raise Unbuilt(f"recurring[{min(unknown)}] of prices")
    if given.get("usage_type", "licensed") != "licensed":
        raise Unbuilt("metered prices")
    count = given.get("interval_count", 1)
    if not 1 <= count <= LONGEST[given["interval"]]:
        raise Invalid("A billing period is at most three years.", param="recurring[interval_count]")
    shown = blank("meter trial_period_days")
    return shown | {"interval": given["interval"], "interval_count": count, "usage_type": "licensed"}


def _lookup_key(world: World, account: str, given: Body, but: str = "") -> str | None:
    """The key this price may have: one price has it at a time, and gives it up only when asked to."""
    key = given.get("lookup_key") or None
    holder = next(
        (r for r in world.store.all(PRICE, account) if key and r.body["lookup_key"] == key and r.id != but),
        None,
    )
    if holder is None:
        return key
    if not given.get("transfer_lookup_key"):
        raise Refused(
            f"A price (`{holder.id}`) already uses that lookup key. Pass `transfer_lookup_key` to move it.",
            code="resource_already_exists",
            param="lookup_key",
        )
    record = world.store.edit(holder.id)
    before = dict(record.body)
    record.body["lookup_key"] = None
    _changed(world, record, before)
    return key


# for others


def product_of(world: World, account: str, given: Body, path: str) -> Record:
    """The product named or described in inline data."""
    if "product" in given:
        name = f"{path}[product]" if path else "product"
        return world.get(PRODUCT, given["product"], account, param=name)
    if "product_data" not in given:
        raise missing_param(f"{path}[product_data]" if path else "product_data")
    return make_product(world, account, given["product_data"], active=not path)


def find_price(world: World, account: str, given: Body, path: str) -> Record:
    """The price of ``{"price"}``, or of ``{"price_data"}``, which is made for it.

    Who has a price already, as checkout has those made for it, may give it whole.
    """
    if isinstance(given.get("price"), dict):
        return world.get(PRICE, given["price"]["id"], account)
    if "price" in given:
        record = world.get(PRICE, given["price"], account, param=f"{path}[price]")
        if not record.body["active"]:
            raise Invalid(
                f"The price specified is inactive. This field only accepts active prices: {record.id}",
                param=f"{path}[price]",
            )
        return record
    if "price_data" not in given:
        raise missing_param(f"{path}[price_data]")
    data, at = given["price_data"], f"{path}[price_data]"
    if "unit_amount" not in data or data["unit_amount"] < 0:
        raise Invalid("Invalid non-negative integer", param=f"{at}[unit_amount]")
    return make_price(world, account, data, product_of(world, account, data, at).id, active=False)


def name_of(world: World, price: Body) -> str:
    """What the product of a price is called."""
    product = world.store.find(price["product"])
    assert product is not None
    return str(product.body["name"])
