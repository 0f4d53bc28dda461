"""Previews of invoices: the real thing is done, shown, and forgotten."""

from __future__ import annotations

from stripe_emulator.errors import Invalid, Missing, Refused, Unbuilt
from stripe_emulator.resources import (
    customers,
    invoice_items,
    invoicing,
    renewals,
    subscribing,
    subscriptions,
)
from stripe_emulator.resources.billed_items import period_of
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

BUILT = "currency customer discounts invoice_items preview_mode subscription subscription_details"
DETAILS = {
    "cancel_at",
    "cancel_at_period_end",
    "cancel_now",
    "items",
    "proration_behavior",
    "proration_date",
    "trial_end",
}
ITEM = {
    "amount",
    "currency",
    "description",
    "discountable",
    "metadata",
    "period",
    "price",
    "price_data",
    "quantity",
}


@route("POST", "/v1/invoices/create_preview")
def preview(call: Call) -> Body:
    """The next invoice, of a subscription as it is, as it would be changed, or as it would begin."""
    call.built(BUILT)
    given = call.params
    details = given.get("subscription_details", {})
    unknown = set(details) - DETAILS
    if unknown:
        raise Unbuilt(f"subscription_details[{min(unknown)}] of previews")
    if given.get("preview_mode", "next") != "next":
        raise Unbuilt("previews of what recurs")
    with call.world.store.trying():
        return renewals.as_preview(_made(call, details).body)


def _made(call: Call, details: Body) -> Record:
    world, given = call.world, call.params
    subscription, customer = given.get("subscription"), given.get("customer")
    if subscription:
        record = world.store.edit(
            world.get(subscriptions.KIND, subscription, call.account, param="subscription").id
        )
        _add_items(call, record.body["customer"], record.id)
        return _next_of(world, record, details | _discounts(given))
    if not customer:
        raise Invalid("You must pass a customer or a subscription.", param="customer")
    world.get(customers.KIND, customer, call.account, param="customer")
    if details.get("items"):
        _add_items(call, customer, None)
        return _first_of(call, details)
    _add_items(call, customer, None)
    return _of_pending(call, customer)


def _discounts(given: Body) -> Body:
    return {"discounts": given["discounts"]} if "discounts" in given else {}


def _add_items(call: Call, customer: str, subscription: str | None) -> None:
    """Items that the invoice would also have."""
    for entry in call.params.get("invoice_items", []):
        unknown = set(entry) - ITEM
        if unknown:
            raise Unbuilt(f"invoice_items[{min(unknown)}] of previews")
        priced = {"pricing": {"price": entry.pop("price")}} if "price" in entry else {}
        about = {"subscription": subscription} if subscription else {}
        invoice_items.add(call.world, call.account, entry | priced | about | {"customer": customer})


def _next_of(world: World, record: Record, details: Body) -> Record:
    """The invoice the change makes at once, or else the one at the end of the period."""
    before = record.body["latest_invoice"]
    if details.pop("cancel_now", False):
        prorate = details.get("proration_behavior", "create_prorations") != "none"
        subscriptions.cancel(world, record.id, prorate=prorate, invoice_now=True)
    elif details:
        subscriptions.update(world, record.id, details | {"payment_behavior": "default_incomplete"})
    if record.body["latest_invoice"] == before:
        if record.body["status"] in subscriptions.ENDED or record.body["cancel_at_period_end"]:
            raise Refused("No upcoming invoices for this subscription.", code="invoice_upcoming_none")
        with world.on_test_clock("", period_of(record)["end"]):
            return renewals.begin_next(world, record)
    made = world.store.find(record.body["latest_invoice"])
    assert made is not None
    return made


def _first_of(call: Call, details: Body) -> Record:
    begun = subscribing.start(
        call.world,
        call.account,
        details
        | _discounts(call.params)
        | {"customer": call.params["customer"], "payment_behavior": "default_incomplete"},
    )
    made = call.world.store.find(begun.body["latest_invoice"])
    assert made is not None
    return made


def _of_pending(call: Call, customer: str) -> Record:
    """What waits for the customer's next invoice."""
    world, owner = call.world, call.world.store.find(customer)
    assert owner is not None
    currency = call.params.get("currency") or owner.body["currency"] or world.settings.currency
    items = invoice_items.pending(world, call.account, customer, currency, None)
    if not items:
        raise Missing("upcoming invoices for customer", customer, "customer")
    now = world.now()
    return invoicing.make(
        world,
        call.account,
        owner.body,
        invoice_items.lines_of(world, items),
        reason="upcoming",
        currency=currency,
        period={"start": now, "end": now},
        given={},
    )
