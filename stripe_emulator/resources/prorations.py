"""Prorations: what is left of a period, given back at the old terms and charged at the new ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from stripe_emulator.errors import Invalid
from stripe_emulator.money import step
from stripe_emulator.resources import billed_items, discounts, invoice_items, invoice_lines, products
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World


def note_billed(world: World, invoice: Record) -> None:
    """An invoice bills whole periods: remember at what, discounts taken off."""
    for line in invoice.hidden["lines"]:
        id = invoice_lines.subscription_item_of(line)
        if id:
            billed_items.note_paid(world, {"id": id}, invoice_lines.net(line))


def credit(world: World, owner: Record, items: list[Body], given: Body) -> None:
    """Give back what was paid for the unused time of these items (see `frozen`)."""
    if given.get("proration_behavior") == "none":
        return
    for item in items:
        _add(world, owner, item, -int(item["paid_for"]), _moment(world, item, given))


def adjust(world: World, owner: Record, old: list[Body], given: Body) -> None:
    """Items were changed in the middle of their period, which goes on."""
    if given.get("proration_behavior") == "none":
        return
    now = {item["id"]: item for item in billed_items.items_of(owner)}
    credit(world, owner, [item for item in old if _differs(item, now.get(item["id"]))], given)
    before = {item["id"]: item for item in old}
    for item, amount in zip(now.values(), _discounted(world, owner), strict=True):
        if _differs(item, before.get(item["id"])):
            _add(world, owner, item, amount, _moment(world, item, given))
            billed_items.note_paid(world, item, amount)


def _differs(item: Body, other: Body | None) -> bool:
    return other is None or (item["price"]["id"], item["quantity"]) != (
        other["price"]["id"],
        other["quantity"],
    )


def _discounted(world: World, owner: Record) -> list[int]:
    """What a whole period of each item costs now, discounts taken off."""
    amounts = [billed_items.price_of(item) for item in billed_items.items_of(owner)]
    found = discounts.taken_off(world, discounts.live(world, owner.body["discounts"]), amounts)
    return [amount - sum(parts) for amount, *parts in zip(amounts, *found.values(), strict=True)]


def _moment(world: World, item: Body, given: Body) -> int:
    moment: int = given.get("proration_date", world.now())
    if not item["current_period_start"] <= moment <= item["current_period_end"]:
        raise Invalid("The proration date must lie within the current period.", param="proration_date")
    return moment


def _add(world: World, owner: Record, item: Body, amount: int, moment: int) -> None:
    """A pending invoice item for the part of `amount` that falls after `moment`."""
    end, currency = item["current_period_end"], owner.body["currency"]
    part = _part(amount, end - moment, end - item["current_period_start"], step(currency))
    if not part:
        return
    words = "Remaining time on" if amount > 0 else "Unused time on"
    day = datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y")
    invoice_items.make(
        world,
        owner.account,
        owner.body["customer"],
        part,
        currency=currency,
        description=f"{words} {item['quantity']} × {products.name_of(world, item['price'])} after {day}",
        quantity=item["quantity"],
        pricing=invoice_lines.pricing(item["price"]),
        period={"start": moment, "end": end},
        discountable=False,
        subscription=owner.id,
        prorates=item["id"],
    )


def _part(amount: int, left: int, whole: int, unit: int) -> int:
    """`amount × left / whole`, half up to a multiple of `unit`; the same for what is given back."""
    exact = Decimal(abs(amount)) * left / whole / unit
    rounded = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)) * unit
    return rounded if amount >= 0 else -rounded
