"""Lines of an invoice and what they come to: discounts, the customer's balance, the amount due."""

from __future__ import annotations

from stripe_emulator import lists
from stripe_emulator.money import least_charge
from stripe_emulator.resources import discounts, products
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

SHOWN = 10


def make(
    world: World,
    amount: int,
    currency: str,
    description: str | None,
    parent: Body,
    *,
    period: Body,
    quantity: int = 1,
    pricing: Body | None = None,
    discountable: bool = True,
    metadata: Body | None = None,
    subscription: str | None = None,
) -> Body:
    return {
        "id": world.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": discountable and amount > 0,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(metadata or {}),
        "parent": parent,
        "period": period,
        "pretax_credit_amounts": [],
        "pricing": pricing,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subscription": subscription,
        "subtotal": amount,
        "taxes": [],
    }


def pricing(price: Body) -> Body:
    """What a line or an invoice item says of its price."""
    return {
        "type": "price_details",
        "price_details": {"price": price["id"], "product": price["product"]},
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def of_subscription_item(world: World, item: Body, *, free: bool = False) -> Body:
    """A line for one period of a subscription item; `free` during a trial."""
    price, name = item["price"], products.name_of(world, item["price"])
    each = "Trial period for" if free else f"{item['quantity']} ×"
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    return make(
        world,
        0 if free else price["unit_amount"] * item["quantity"],
        price["currency"],
        f"{each} {name}",
        _parent("subscription_item_details", details),
        period={"start": item["current_period_start"], "end": item["current_period_end"]},
        quantity=item["quantity"],
        pricing=pricing(price),
        metadata=item["metadata"],
        subscription=item["subscription"],
    )


def of_invoice_item(world: World, item: Body) -> Body:
    """A line for an invoice item, which may be a proration of a subscription's."""
    about = (item["parent"] or {}).get("subscription_details") or {}
    details = {
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {"credited_items": None},
        "subscription": about.get("subscription"),
    }
    kind = "invoice_item_details"
    if about.get("subscription_item"):
        kind = "subscription_item_details"
        details["subscription_item"] = about["subscription_item"]
    return make(
        world,
        item["amount"],
        item["currency"],
        item["description"],
        _parent(kind, details),
        period=item["period"],
        quantity=item["quantity"],
        pricing=item["pricing"],
        discountable=item["discountable"],
        metadata=item["metadata"],
        subscription=about.get("subscription"),
    )


def _parent(kind: str, details: Body) -> Body:
    empty = {"invoice_item_details": None, "subscription_item_details": None}
    return empty | {"type": kind, kind: details}


def subscription_item_of(line: Body) -> str | None:
    """Which subscription item a line bills a whole period of."""
    details: Body = line["parent"]["subscription_item_details"] or {"proration": True}
    return None if details["proration"] else str(details["subscription_item"])


def net(line: Body) -> int:
    """A line's amount less its discounts."""
    off = sum(int(taken["amount"]) for taken in line["discount_amounts"])
    return int(line["amount"]) - off


def reckon(world: World, record: Record) -> None:
    """An invoice's sums from its lines, its discounts and its customer's balance."""
    body, lines = record.body, record.hidden["lines"]
    _discount(world, body, lines)
    subtotal = sum(line["amount"] for line in lines)
    total = sum(net(line) for line in lines)
    customer = world.store.find(body["customer"])
    balance = customer.body["balance"] if customer is not None else 0
    due = total + balance if total + balance >= least_charge(body["currency"]) else 0
    body |= {
        "amount_due": due,
        "amount_remaining": due,
        "lines": lists.listing(lines[:SHOWN], f"/v1/invoices/{record.id}/lines", has_more=len(lines) > SHOWN),
        "starting_balance": balance,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": total,
        "total_excluding_tax": total,
    }


def _discount(world: World, body: Body, lines: list[Body]) -> None:
    open_to = [line for line in lines if line["discountable"]]
    found = discounts.taken_off(world, body["discounts"], [line["amount"] for line in open_to])
    for position, line in enumerate(open_to):
        taken = [{"amount": parts[position], "discount": id} for id, parts in found.items()]
        line["discount_amounts"] = taken
        line["pretax_credit_amounts"] = [entry | {"type": "discount"} for entry in taken]
    totals = [{"amount": sum(parts), "discount": id} for id, parts in found.items()]
    body["total_discount_amounts"] = totals
    body["total_pretax_credit_amounts"] = [entry | {"type": "discount"} for entry in totals]
