"""Line items of checkout sessions."""

from __future__ import annotations

from stripe_emulator.errors import Invalid, Unbuilt
from stripe_emulator.resources import products, promotions
from stripe_emulator.store import Body
from stripe_emulator.world import World


def make(world: World, account: str, given: list[Body], *, trial: bool = False) -> list[Body]:
    """What recurs costs nothing yet when it begins with a `trial`."""
    made = [_item(world, account, item, f"line_items[{position}]") for position, item in enumerate(given)]
    for item in made:
        if trial and item["price"]["recurring"]:
            item |= {"amount_subtotal": 0, "amount_total": 0}
    return made


def currency_of(items: list[Body]) -> str:
    currencies = {item["currency"] for item in items}
    if len(currencies) != 1:
        raise Invalid("All line items must have the same currency.", param="line_items")
    return str(currencies.pop())


def discount(items: list[Body], amount: int) -> None:
    """Spread a discount over the items in proportion, to the last cent."""
    parts = promotions.spread(amount, [item["amount_subtotal"] for item in items])
    for item, part in zip(items, parts, strict=True):
        item |= {"amount_discount": part, "amount_total": item["amount_subtotal"] - part}


def _item(world: World, account: str, given: Body, path: str) -> Body:
    quantity = given.get("quantity", 1)
    if quantity < 1:
        raise Invalid("Invalid quantity", code="parameter_invalid_integer", param=f"{path}[quantity]")
    unknown = set(given) - {"price", "price_data", "quantity", "metadata"}
    if unknown:
        raise Unbuilt(f"{path}[{min(unknown)}] of checkout sessions")
    price = products.find_price(world, account, given, path).body
    amount = price["unit_amount"] * quantity
    return {
        "id": world.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": products.name_of(world, price),
        "price": price,
        "quantity": quantity,
    }
