"""Line items of checkout sessions, with the products and prices made from their inline data."""

from __future__ import annotations

from stripe_emulator.errors import Invalid, Unbuilt, missing_param
from stripe_emulator.money import check_currency
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body
from stripe_emulator.world import World, blank


def make(world: World, account: str, given: list[Body]) -> list[Body]:
    return [_item(world, account, item, f"line_items[{position}]") for position, item in enumerate(given)]


def currency_of(items: list[Body]) -> str:
    currencies = {item["currency"] for item in items}
    if len(currencies) != 1:
        raise Invalid("All line items must have the same currency.", param="line_items")
    return str(currencies.pop())


def discount(items: list[Body], amount: int) -> None:
    """Spread a discount over the items in proportion, to the last cent."""
    whole = sum(item["amount_subtotal"] for item in items)
    seen = taken = 0
    for item in items:
        seen += item["amount_subtotal"]
        target = amount * seen // whole if whole else 0
        item["amount_discount"] = target - taken
        item["amount_total"] = item["amount_subtotal"] - item["amount_discount"]
        taken = target


def _item(world: World, account: str, given: Body, path: str) -> Body:
    quantity = given.get("quantity", 1)
    if quantity < 1:
        raise Invalid("Invalid quantity", code="parameter_invalid_integer", param=f"{path}[quantity]")
    unknown = set(given) - {"price", "price_data", "quantity", "metadata"}
    if unknown:
        raise Unbuilt(f"{path}[{min(unknown)}] of checkout sessions")
    price, description = _price(world, account, given, path)
    amount = price["unit_amount"] * quantity
    return {
        "id": world.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": description,
        "price": price,
        "quantity": quantity,
    }


def _price(world: World, account: str, given: Body, path: str) -> tuple[Body, str]:
    if "price" in given:
        price = world.get("price", given["price"], account, param=f"{path}[price]").body
        return price, world.get("product", price["product"], account).body["name"]
    if "price_data" not in given:
        raise missing_param(f"{path}[price_data]")
    data = given["price_data"]
    if "unit_amount" not in data or data["unit_amount"] < 0:
        raise Invalid("Invalid non-negative integer", param=f"{path}[price_data][unit_amount]")
    if "recurring" in data:
        raise Unbuilt("recurring prices")
    product = _product(world, account, data, path)
    return _inline_price(world, account, data, product["id"]), product["name"]


def _product(world: World, account: str, data: Body, path: str) -> Body:
    if "product" in data:
        return world.get("product", data["product"], account, param=f"{path}[price_data][product]").body
    if "product_data" not in data:
        raise missing_param(f"{path}[price_data][product_data]")
    given = data["product_data"]
    body = blank(
        "default_price package_dimensions shippable statement_descriptor tax_code unit_label url"
    ) | {
        "id": world.new_id("prod", 14),
        "object": "product",
        "active": False,
        "created": world.now(),
        "description": given.get("description"),
        "images": given.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": given.get("metadata", {}),
        "name": given["name"],
        "type": "service",
        "updated": world.now(),
    }
    return world.add(body, account).body


def _inline_price(world: World, account: str, data: Body, product: str) -> Body:
    body = blank("custom_unit_amount lookup_key nickname recurring tiers_mode transform_quantity") | {
        "id": world.new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": world.now(),
        "currency": check_currency(data["currency"]),
        "livemode": False,
        "metadata": {},
        "product": product,
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }
    return world.add(body, account).body


@route("GET", "/v1/products/{}")
def product(call: Call) -> Body:
    return call.world.get("product", call.id, call.account).body


@route("GET", "/v1/prices/{}")
def price(call: Call) -> Body:
    return call.world.get("price", call.id, call.account).body
