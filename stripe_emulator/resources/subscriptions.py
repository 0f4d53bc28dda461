"""Subscriptions: their endpoints, and the verbs that change and end them."""

from __future__ import annotations

from typing import Any

from stripe_emulator import agenda, events, lists
from stripe_emulator.errors import Invalid, Refused, Unbuilt
from stripe_emulator.resources import (
    billed_items,
    customers,
    discounts,
    invoice_items,
    invoicing,
    products,
    prorations,
    subscribing,
)
from stripe_emulator.resources import subscription_bills as bills
from stripe_emulator.resources.billed_items import frozen, items_of, period_of, set_period, worth
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, merged_metadata

KIND, ENDED = bills.KIND, bills.ENDED
TERMS = (
    "cancel_at cancel_at_period_end collection_method days_until_due default_payment_method description "
    "discounts items metadata off_session payment_behavior payment_settings proration_behavior trial_end "
    "trial_settings"
)
CREATE = f"{TERMS} add_invoice_items billing_mode currency customer trial_period_days"
UPDATE = f"{TERMS} billing_cycle_anchor cancellation_details pause_collection proration_date"
PLAIN = ("collection_method", "days_until_due", "default_payment_method", "description")


@route("POST", "/v1/subscriptions")
def create(call: Call) -> Body:
    call.built(CREATE)
    return subscribing.start(call.world, call.account, call.params).body


@route("GET", "/v1/subscriptions")
def index(call: Call) -> Body:
    status, price = call.params.get("status"), call.params.get("price")

    def keep(record: Record) -> bool:
        shown = record.body["status"]
        priced = price is None or any(item["price"]["id"] == price for item in items_of(record))
        if status == "all":
            return priced
        wanted = {None: shown != "canceled", "ended": shown in ENDED}
        return priced and wanted.get(status, shown == status)

    return lists.page(call, KIND, "collection_method customer test_clock", also="price status", keep=keep)


@route("GET", "/v1/subscriptions/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/subscriptions/{}")
def change(call: Call) -> Body:
    call.built(UPDATE)
    return update(call.world, call.world.get(KIND, call.id, call.account).id, call.params).body


@route("DELETE", "/v1/subscriptions/{}")
def delete(call: Call) -> Body:
    call.built("cancellation_details invoice_now prorate")
    given = call.params
    return cancel(
        call.world,
        call.world.get(KIND, call.id, call.account).id,
        prorate=given.get("prorate", False),
        invoice_now=given.get("invoice_now", False),
        details=given.get("cancellation_details"),
    ).body


@route("POST", "/v1/subscriptions/{}/resume")
def go_on(call: Call) -> Body:
    call.built("billing_cycle_anchor payment_behavior proration_behavior")
    if call.params.get("billing_cycle_anchor", {}).get("type", "now") != "now":
        raise Unbuilt("resuming a subscription with its old billing cycle")
    if call.params.get("payment_behavior", "resume_on_payment_attempt") != "resume_on_payment_attempt":
        raise Unbuilt("resuming a subscription on payment_success")
    return resume(call.world, call.world.get(KIND, call.id, call.account).id).body


@route("DELETE", "/v1/subscriptions/{}/discount")
def delete_discount(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    if not record.body["discounts"]:
        raise Refused("This subscription has no discount.", code="resource_missing")
    with bills.changing(call.world, record.id) as changed:
        id = changed.body["discounts"].pop()
    found = call.world.store.find(id)
    assert found is not None
    return found.body | {"deleted": True}


# changing


def update(world: World, id: str, given: Body) -> Record:
    """Whatever the endpoint takes, in Stripe's words. A change of items is prorated."""
    record = world.store.edit(id)
    if record.body["status"] in ENDED and set(given) - {"metadata", "cancellation_details"}:
        raise Refused("A canceled subscription can only update its cancellation_details and metadata.")
    if record.body["status"] == "incomplete" and set(given) - {"metadata", "default_payment_method"}:
        raise Refused("An incomplete subscription can only update its metadata and payment method.")
    terms = {"days_until_due": record.body["days_until_due"]} | given
    subscribing.check_terms(world, record.account, terms, record.body["customer"])
    with bills.changing(world, id):
        _set_plain(world, record, given)
        subscribing.set_end(world, record, given)
        needs_bill = _change_trial(world, record, given)
        needs_bill = _change_items(world, record, given) or needs_bill
        if record.body["cancel_at_period_end"]:
            record.body["cancel_at"] = period_of(record)["end"]
    bills.schedule(world, record)
    if needs_bill:
        bills.bill_now(
            world, record, given, whole_periods=needs_bill == "whole", only_own=needs_bill == "part"
        )
    return record


def _set_plain(world: World, record: Record, given: Body) -> None:
    body = record.body
    body |= {name: given[name] or None for name in PLAIN if name in given}
    body["metadata"] = merged_metadata(body["metadata"], given.get("metadata"))
    body["payment_settings"] = body["payment_settings"] | given.get("payment_settings", {})
    body["trial_settings"] = given.get("trial_settings", body["trial_settings"])
    _set_details(body, given.get("cancellation_details"))
    if "discounts" in given:
        wanted, whole = given["discounts"] or [], worth(items_of(record))
        body["discounts"] = discounts.attach(world, body, record.account, wanted, whole)
    if "pause_collection" in given:
        _pause_collection(world, record, given["pause_collection"] or None)


def _set_details(body: Body, given: Body | None) -> None:
    if not given:
        return
    if "feedback_option" in given:
        raise Unbuilt("cancellation_details[feedback_option] of subscriptions")
    body["cancellation_details"] |= {name: value or None for name, value in given.items()}


def _pause_collection(world: World, record: Record, wanted: Body | None) -> None:
    """Invoices are still made, but nobody is asked to pay them."""
    agenda.cancel(world, "resume_collection", record.id)
    record.body["pause_collection"] = {"resumes_at": None} | wanted if wanted else None
    if wanted and wanted.get("resumes_at"):
        agenda.plan(world, "resume_collection", record.id, wanted["resumes_at"])


@agenda.job("resume_collection", on_test_clocks=True)
def resume_collection(world: World, id: str) -> None:
    with bills.changing(world, id) as record:
        record.body["pause_collection"] = None


def _change_trial(world: World, record: Record, given: Body) -> str:
    """A trial ends now, or goes on until another day; whether that is billed at once."""
    wanted, body = given.get("trial_end"), record.body
    if wanted is None or (wanted == "now" and body["status"] != "trialing"):
        return ""
    if wanted == "now":
        body |= {"billing_cycle_anchor": world.now(), "status": "active", "trial_end": world.now()}
        set_period(world, record, world.now())
        return "whole"
    if wanted <= world.now():
        raise Invalid("A trial ends in the future.", param="trial_end")
    if body["status"] != "trialing":
        prorations.credit(world, record, frozen(world, record), given)
        body["trial_start"] = world.now()
    begin = period_of(record)["start"] if body["status"] == "trialing" else world.now()
    body |= {"billing_cycle_anchor": wanted, "status": "trialing", "trial_end": wanted}
    set_period(world, record, begin, wanted)
    return ""


def _change_items(world: World, record: Record, given: Body) -> str:
    """Other prices, quantities, items; what is billed at once: ``whole`` periods, a ``part``, nothing."""
    anew = given.get("billing_cycle_anchor", {}).get("type") == "now"
    if "items" not in given and not anew:
        return ""
    old, period = frozen(world, record), period_of(record)
    for position, entry in enumerate(given.get("items", [])):
        billed_items.put(world, record, entry, f"items[{position}]")
    if not items_of(record):
        raise Refused("A subscription must have at least one item.", param="items")
    set_period(world, record, period["start"], period["end"])
    if record.body["status"] == "trialing":
        return ""
    if anew or _starts_anew(old, items_of(record)):
        prorations.credit(world, record, old, given)
        record.body["billing_cycle_anchor"] = world.now()
        set_period(world, record, world.now())
        return "whole"
    prorations.adjust(world, record, old, given)
    return "part" if given.get("proration_behavior") == "always_invoice" else ""


def _starts_anew(old: list[Body], new: list[Body]) -> bool:
    """Another interval, or paid instead of free, begins a new period."""

    def interval(items: list[Body]) -> tuple[Any, ...]:
        recurring = items[0]["price"]["recurring"]
        return recurring["interval"], recurring["interval_count"]

    return interval(old) != interval(new) or worth(old) == 0 < worth(new)


def change_price(world: World, id: str, price: str, **more: Any) -> Record:
    """Another price for the only item."""
    item = items_of(world.store.edit(id))[0]
    return update(world, id, {"items": [{"id": item["id"], "price": price}], **more})


def cancel_at_period_end(world: World, id: str, details: Body | None = None) -> Record:
    return update(world, id, {"cancel_at_period_end": True, "cancellation_details": details or {}})


def keep(world: World, id: str) -> Record:
    """Take back that it ends."""
    return update(world, id, {"cancel_at_period_end": False})


# ending


def cancel(
    world: World,
    id: str,
    *,
    prorate: bool = False,
    invoice_now: bool = False,
    details: Body | None = None,
    reason: str = "cancellation_requested",
) -> Record:
    """At once. What was paid for and not used is given back only when asked to `prorate`."""
    record = world.store.edit(id)
    if record.body["status"] in ENDED:
        raise Refused(f"No such subscription: {id}", code="resource_missing", param="id")
    incomplete = record.body["status"] == "incomplete"
    if prorate:
        prorations.credit(world, record, frozen(world, record), {})
    elif not invoice_now:
        for item in invoice_items.of_subscription(world, record.account, id):
            invoice_items.remove(world, item)
    _set_details(record.body, details)
    record.body["cancellation_details"]["reason"] = reason
    end(world, record)
    for invoice in list(world.store.all(invoicing.KIND, record.account)):
        if invoicing.subscription_of(invoice.body) == id and invoice.body["status"] in ("draft", "open"):
            invoicing.stop_collecting(world, invoice.id)
    if incomplete:
        invoicing.void(world, record.body["latest_invoice"])
    if invoice_now and invoice_items.of_subscription(world, record.account, id):
        bills.bill_now(world, record, {}, whole_periods=False, only_own=True)
    return record


def end(world: World, record: Record) -> None:
    """Over and done with."""
    body = record.body
    body |= {"canceled_at": body["canceled_at"] or world.now(), "ended_at": world.now(), "status": "canceled"}
    bills.forget_plans(world, record)
    events.emit(world, "customer.subscription.deleted", body, record.account)


def resume(world: World, id: str) -> Record:
    """A paused one begins a new period, paid at once."""
    record = world.store.edit(id)
    if record.body["status"] != "paused":
        raise Refused(
            f"Only subscriptions that are paused can be resumed; this one is {record.body['status']}."
        )
    with bills.changing(world, id):
        record.body |= {"billing_cycle_anchor": world.now(), "status": "active"}
        record.body.pop("status_details", None)
        set_period(world, record, world.now())
    events.emit(world, "customer.subscription.resumed", record.body, record.account)
    bills.schedule(world, record)
    bills.bill_now(world, record, {}, whole_periods=True)
    return record


def leave(world: World, customer: str) -> None:
    """Who is deleted has no subscriptions any more."""
    for record in list(world.store.all(KIND)):
        if record.body["customer"] == customer and record.body["status"] not in ENDED:
            cancel(world, record.id)


customers.LEAVING.append(leave)


def reprice(world: World, price: Record) -> None:
    """A price has changed: what shows it whole shows it anew."""
    for record in list(world.store.all(KIND, price.account)):
        if any(item["price"]["id"] == price.id for item in items_of(record)):
            billed_items.reprice(world, world.store.edit(record.id), price)


products.SHOWN_IN.append(reprice)
