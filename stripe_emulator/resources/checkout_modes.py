"""What checkout is for: one payment, a subscription, or a card for later."""

from __future__ import annotations

from stripe_emulator.errors import Invalid, Unbuilt, missing_param
from stripe_emulator.resources import (
    customers,
    payment_intents,
    payment_methods,
    promotions,
    setup_intents,
    subscribing,
)
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

PAYMENT, SUBSCRIPTION, SETUP = "payment", "subscription", "setup"
OF_INTENT = (
    "description metadata transfer_group receipt_email setup_future_usage statement_descriptor "
    "statement_descriptor_suffix"
)
DATA = {
    PAYMENT: ("payment_intent_data", OF_INTENT),
    SUBSCRIPTION: (
        "subscription_data",
        "description metadata proration_behavior trial_end trial_period_days trial_settings",
    ),
    SETUP: ("setup_intent_data", "description metadata"),
}
"""The parameter that is for one mode only, and what of it is built."""


def check(given: Body) -> None:
    """`Invalid` for what another mode takes, `Unbuilt` for what is ignored."""
    mode = given.get("mode", PAYMENT)
    for other, (name, built) in DATA.items():
        if name not in given:
            continue
        if other != mode:
            raise Invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
        unknown = set(given[name]) - set(built.split())
        if unknown:
            raise Unbuilt(f"{name}[{min(unknown)}] of checkout sessions")
    if mode == SETUP and given.get("line_items"):
        raise Invalid("`line_items` cannot be used in `setup` mode.", param="line_items")
    if mode != SETUP and not given.get("line_items"):
        raise missing_param("line_items")
    if mode != PAYMENT and given.get("automatic_tax", {}).get("enabled"):
        raise Unbuilt(f"automatic tax in {mode} mode")


def check_items(mode: str, items: list[Body]) -> None:
    recurring = [item for item in items if item["price"]["recurring"]]
    if mode == PAYMENT and recurring:
        raise Invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode "
            "or use only one-time prices.",
            param="line_items",
        )
    if mode == SUBSCRIPTION and not recurring:
        raise Invalid("`subscription` mode needs at least one recurring price.", param="line_items")


def is_trial(given: Body) -> bool:
    return bool({"trial_end", "trial_period_days"} & set(given.get("subscription_data", {})))


def wants_card(record: Record) -> bool:
    """Whether a card is asked for: to pay, to save it, or for what a subscription will cost later."""
    body = record.body
    if body["mode"] == SUBSCRIPTION:
        return bool(body["amount_total"]) or body["payment_method_collection"] == "always"
    return body["mode"] == SETUP or bool(body["amount_total"])


def customer_of(world: World, record: Record, details: Body) -> str | None:
    """Who it is; a subscription, or a session that says so, makes somebody unknown a customer."""
    made: str | None = record.body["customer"] or record.hidden.get("customer")
    wanted = record.body["mode"] == SUBSCRIPTION or record.body["customer_creation"] == "always"
    if made is None and wanted:
        made = customers.make(world, record.account, details)["id"]
        record.hidden["customer"] = made
    return made


# the intent


def intent_of(world: World, record: Record, customer: str | None) -> Record:
    """What takes the money, or saves the card; made at the first try, and kept for the next ones."""
    body, given = record.body, record.hidden["data"]
    saves = not body["amount_total"]
    known = world.store.find(record.hidden["intent"])
    if known is not None and (known.type == setup_intents.KIND) == saves:
        known = world.store.edit(known.id)
        if not saves:
            known.body["amount"] = body["amount_total"]
        return known
    who = {"customer": customer} if customer else {}
    if saves:
        own = given if body["mode"] == SETUP else {}
        intent = setup_intents.make(world, record.account, own | who)
    else:
        own = given if body["mode"] == PAYMENT else _for_subscription()
        due = {"amount": body["amount_total"], "currency": body["currency"]}
        intent = payment_intents.make(world, record.account, due | own | who)
    intent.hidden["session"] = record.id
    record.hidden["intent"] = intent.id
    if body["mode"] == PAYMENT:
        body["payment_intent"] = intent.id
    if body["mode"] == SETUP:
        body["setup_intent"] = intent.id
    return intent


def _for_subscription() -> Body:
    return {"description": "Subscription creation", "setup_future_usage": "off_session"}


def try_card(world: World, intent: Record, method: Record) -> Record:
    if intent.type == setup_intents.KIND:
        return setup_intents.save(world, intent.id, method)
    return payment_intents.pay(world, intent.id, method)


def authenticate(world: World, id: str, *, passed: bool) -> Record:
    """The customer comes back from 3D Secure."""
    intent = world.store.find(id)
    assert intent is not None
    if intent.type == setup_intents.KIND:
        return setup_intents.authenticate(world, id, passed=passed)
    return payment_intents.authenticate(world, id, passed=passed)


def drop(world: World, record: Record) -> None:
    """The session has expired: nobody pays its intent any more."""
    intent = world.store.find(record.hidden["intent"])
    if intent is None or intent.body["status"] not in payment_intents.OPEN:
        return
    if intent.type == setup_intents.KIND:
        setup_intents.void(world, intent.id, "abandoned")
    else:
        payment_intents.void(world, intent.id, "expired")


# the end


def finish(world: World, record: Record, details: Body) -> None:
    """What the customer has now."""
    record.body["customer"] = customer_of(world, record, details)
    if record.body["mode"] == SUBSCRIPTION:
        _subscribe(world, record)
        return
    for discount in record.body["discounts"] or []:
        promotions.redeem(world, discount)


def _subscribe(world: World, record: Record) -> None:
    body, intent = record.body, world.store.find(record.hidden["intent"])
    given = {"customer": body["customer"]} | record.hidden["data"]
    if intent is not None:
        method = world.store.edit(intent.body["payment_method"])
        payment_methods.keep_for(world, method, body["customer"])
        given["default_payment_method"] = method.id
    items = record.hidden["line_items"]
    entries = [{"price": item["price"], "quantity": item["quantity"]} for item in items]
    given["items"] = [entry for entry in entries if entry["price"]["recurring"]]
    given["add_invoice_items"] = [entry for entry in entries if not entry["price"]["recurring"]]
    made = subscribing.start(
        world,
        record.account,
        given,
        paid_by=intent if intent is not None and body["amount_total"] else None,
        promised=body["discounts"],
    )
    for id in made.body["discounts"]:
        world.store.edit(id).body["checkout_session"] = record.id
    body |= {"invoice": made.body["latest_invoice"], "subscription": made.id}
