"""Invoices by themselves: drawn up by hand, sent, paid, voided."""

from __future__ import annotations

from stripe_emulator import agenda, events, lists
from stripe_emulator.errors import CardDeclined, Invalid, Refused, missing_param
from stripe_emulator.money import check_currency
from stripe_emulator.resources import (
    collecting,
    customers,
    discounts,
    invoice_items,
    invoice_lines,
    invoicing,
    payment_methods,
)
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World, merged_metadata

KIND = invoicing.KIND
TERMS = "auto_advance collection_method days_until_due default_payment_method description due_date footer"
TEXTS = "custom_fields statement_descriptor automatically_finalizes_at"
CREATE = f"{TERMS} {TEXTS} currency customer discounts metadata pending_invoice_items_behavior subscription"
OPEN_UPDATE = {"metadata", "auto_advance", "default_payment_method", "description", "footer"}


@route("POST", "/v1/invoices")
def create(call: Call) -> Body:
    call.built(CREATE)
    world, given = call.world, call.params
    if not given.get("customer"):
        raise missing_param("customer")
    customer = world.get(customers.KIND, given["customer"], call.account, param="customer").body
    subscription = _subscription(call)
    currency = check_currency(given.get("currency") or customer["currency"] or world.settings.currency)
    _check_terms(call, customer["id"])
    items = []
    if given.get("pending_invoice_items_behavior", "exclude") == "include" or subscription:
        owner = subscription["id"] if subscription else None
        items = invoice_items.pending(world, call.account, customer["id"], currency, owner)
    now = world.now()
    record = invoicing.make(
        world,
        call.account,
        customer,
        invoice_items.lines_of(world, items),
        reason="manual",
        currency=currency,
        period={"start": now, "end": now},
        given={name: value for name, value in given.items() if name != "discounts"},
        subscription=subscription,
    )
    invoice_items.take_along(record, items)
    _set_discounts(world, record, given)
    return record.body


def _subscription(call: Call) -> Body | None:
    if not call.params.get("subscription"):
        return None
    return call.world.get(
        "subscription", call.params["subscription"], call.account, param="subscription"
    ).body


def _check_terms(call: Call, customer: str) -> None:
    given = call.params
    sent = given.get("collection_method") == "send_invoice"
    has_due = bool({"days_until_due", "due_date"} & set(given))
    if sent and not has_due:
        raise Invalid(
            "If invoicing by email (`collection_method=send_invoice`), you must pass either `days_until_due` "
            "or `due_date`.",
            param="days_until_due",
        )
    if has_due and not sent:
        raise Invalid("Only invoices that are sent have a due date.", param="days_until_due")
    if given.get("due_date", call.world.now()) < call.world.now():
        raise Invalid("The due date must be in the future.", param="due_date")
    if given.get("default_payment_method"):
        payment_methods.owned(call.world, call.account, given["default_payment_method"], customer)


def _set_discounts(world: World, record: Record, given: Body) -> None:
    if "discounts" not in given:
        return
    wanted = given["discounts"] or []
    record.body["discounts"] = discounts.attach(
        world, record.body, record.account, wanted, record.body["subtotal"]
    )
    invoice_lines.reckon(world, record)


@route("GET", "/v1/invoices")
def index(call: Call) -> Body:
    due, subscription = call.params.get("due_date"), call.params.get("subscription")

    def keep(record: Record) -> bool:
        if subscription not in (None, invoicing.subscription_of(record.body)):
            return False
        return due is None or (record.body["due_date"] and lists.within(record.body["due_date"], due))

    return lists.page(
        call, KIND, "collection_method customer status", also="due_date subscription", keep=keep
    )


@route("GET", "/v1/invoices/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("GET", "/v1/invoices/{}/lines")
def lines_of(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    return lists.part(call, record.hidden["lines"])


@route("POST", "/v1/invoices/{}")
def update(call: Call) -> Body:
    call.built(f"{TERMS} {TEXTS} discounts metadata")
    world, given = call.world, call.params
    record = world.store.edit(world.get(KIND, call.id, call.account).id)
    body, draft = record.body, record.body["status"] == "draft"
    if not draft and set(given) - OPEN_UPDATE:
        raise Refused(
            f"Finalized invoices can't be updated in this way: {min(set(given) - OPEN_UPDATE)}",
            code="invoice_not_editable",
        )
    if given.get("default_payment_method"):
        payment_methods.owned(world, call.account, given["default_payment_method"], body["customer"])
    before = copy_of(body)
    plain = set(given) - {"metadata", "discounts", "days_until_due", "automatically_finalizes_at"}
    body |= {name: None if given[name] == "" else given[name] for name in plain}
    body["metadata"] = merged_metadata(body["metadata"], given.get("metadata"))
    record.hidden["days_until_due"] = given.get("days_until_due", record.hidden["days_until_due"])
    _set_discounts(world, record, given)
    if {"auto_advance", "automatically_finalizes_at"} & set(given):
        _set_advance(world, record, given)
    events.emit(world, "invoice.updated", body, call.account, events.changes(before, body))
    return body


def _set_advance(world: World, record: Record, given: Body) -> None:
    if record.body["auto_advance"]:
        invoicing.advance_later(world, record, given.get("automatically_finalizes_at"))
        return
    agenda.cancel(world, "advance_invoice", record.id)
    record.body |= {"automatically_finalizes_at": None, "next_payment_attempt": None}


@route("DELETE", "/v1/invoices/{}")
def delete(call: Call) -> Body:
    world = call.world
    record = world.get(KIND, call.id, call.account)
    if record.body["status"] != "draft" or record.body["billing_reason"] != "manual":
        raise Refused("You can only delete draft invoices that no subscription made.")
    for line in record.hidden["lines"]:
        item = world.store.find(invoice_items.item_of(line) or "")
        if item is not None:
            world.store.edit(item.id).body["invoice"] = None
    agenda.cancel(world, "advance_invoice", record.id)
    world.store.remove(record.id)
    events.emit(world, "invoice.deleted", record.body, call.account)
    return {"id": record.id, "object": KIND, "deleted": True}


@route("POST", "/v1/invoices/{}/finalize")
def finalize(call: Call) -> Body:
    call.built("auto_advance")
    world = call.world
    record = invoicing.finalize(world, world.get(KIND, call.id, call.account).id)
    if record.body["status"] == "open":
        record.body["auto_advance"] = call.params.get("auto_advance", record.body["auto_advance"])
        if record.body["auto_advance"]:
            invoicing.advance_later(world, record)
    return record.body


@route("POST", "/v1/invoices/{}/pay")
def pay(call: Call) -> Body:
    call.built("off_session paid_out_of_band payment_method")
    world, given = call.world, call.params
    record = world.store.edit(world.get(KIND, call.id, call.account).id)
    if record.body["status"] == "draft":
        invoicing.finalize(world, record.id)
        if record.body["status"] == "paid":
            return record.body
    if given.get("paid_out_of_band"):
        invoicing.check_payable(record)
        return invoicing.settle(world, record.id, elsewhere=True).body
    method, off_session = given.get("payment_method", ""), given.get("off_session", True)
    collecting.collect(world, record.id, method=method, off_session=off_session)
    if record.body["status"] != "paid":
        raise CardDeclined(
            "This payment requires additional user action before it can be completed successfully.",
            code="invoice_payment_intent_requires_action",
            keep=True,
        )
    return record.body


@route("POST", "/v1/invoices/{}/send")
def send(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    if record.body["collection_method"] != "send_invoice":
        raise Refused("You can only manually send an invoice if its collection method is 'send_invoice'.")
    return invoicing.send(call.world, record.id).body


@route("POST", "/v1/invoices/{}/void")
def void(call: Call) -> Body:
    return invoicing.void(call.world, call.world.get(KIND, call.id, call.account).id).body


@route("POST", "/v1/invoices/{}/mark_uncollectible")
def mark_uncollectible(call: Call) -> Body:
    return invoicing.write_off(call.world, call.world.get(KIND, call.id, call.account).id).body


# payments of invoices


@route("GET", "/v1/invoice_payments")
def list_payments(call: Call) -> Body:
    wanted = call.params.get("payment", {}).get("payment_intent")

    def keep(record: Record) -> bool:
        return wanted in (None, record.body["payment"]["payment_intent"])

    return lists.page(call, invoicing.PAYMENT, "invoice status", also="payment", keep=keep)


@route("GET", "/v1/invoice_payments/{}")
def retrieve_payment(call: Call) -> Body:
    return call.world.get(invoicing.PAYMENT, call.id, call.account).body
