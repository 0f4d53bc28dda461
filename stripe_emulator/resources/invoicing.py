"""The life of an invoice: drafted, finalized, paid or not, given up or voided."""

from __future__ import annotations

from collections.abc import Callable

from stripe_emulator import agenda, events, expand, lists
from stripe_emulator.errors import Refused
from stripe_emulator.money import check_charge
from stripe_emulator.periods import DAY
from stripe_emulator.resources import customers, invoice_lines, payment_intents
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND, PAYMENT = "invoice", "invoice_payment"
FINALIZES_AFTER = 3600
PAYABLE = ("open", "uncollectible")
NOTHING = (
    "account_tax_ids application automatically_finalizes_at custom_fields customer_account "
    "default_payment_method default_source description due_date effective_at ending_balance footer "
    "from_invoice hosted_invoice_url invoice_pdf last_finalization_error latest_revision "
    "next_payment_attempt number on_behalf_of parent receipt_number rendering shipping_cost "
    "shipping_details statement_descriptor threshold_reason webhooks_delivered_at"
)
COPIED = "custom_fields default_payment_method description due_date footer statement_descriptor"
FIRST = "subscription_create"
PURPOSES = {
    FIRST: "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}
OUTCOMES: list[Callable[[World, Record, str], None]] = []
"""Told what became of an invoice: paid, failed, given_up, overdue, void or uncollectible."""


def make(
    world: World,
    account: str,
    customer: Body,
    lines: list[Body],
    *,
    reason: str,
    currency: str,
    period: Body,
    given: Body,
    subscription: Body | None = None,
) -> Record:
    """A draft. With `auto_advance` in `given` it goes its way after an hour."""
    body = blank(NOTHING) | _who(world, customer) | _zeros()
    body |= {name: given[name] or None for name in COPIED.split() if name in given}
    body |= {
        "id": world.new_id("in"),
        "object": KIND,
        "auto_advance": given.get("auto_advance", False),
        "billing_reason": reason,
        "collection_method": given.get("collection_method", "charge_automatically"),
        "created": world.now(),
        "currency": currency,
        "discounts": given.get("discounts", []),
        "metadata": merged_metadata({}, given.get("metadata")),
        "parent": _parent(subscription, given) if subscription else None,
        "period_end": period["end"],
        "period_start": period["start"],
        "test_clock": customer["test_clock"],
    }
    for line in lines:
        line["invoice"] = body["id"]
    hidden = {"lines": lines, "days_until_due": given.get("days_until_due"), "intent": ""}
    record = world.add(body, account, **hidden)
    invoice_lines.reckon(world, record)
    if body["auto_advance"]:
        advance_later(world, record, given.get("automatically_finalizes_at"))
    events.emit(world, "invoice.created", body, account)
    return record


def _who(world: World, customer: Body) -> Body:
    return {
        "account_country": world.settings.country,
        "account_name": world.settings.platform_name,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "issuer": {"type": "self"},
    }


def _zeros() -> Body:
    return {
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "automatic_tax": blank("disabled_reason liability provider status") | {"enabled": False},
        "default_tax_rates": [],
        "livemode": False,
        "payment_settings": blank("default_mandate payment_method_options payment_method_types"),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "status": "draft",
        "status_details": {"uncollectible": None},
        "status_transitions": blank("finalized_at marked_uncollectible_at paid_at voided_at"),
        "total_taxes": [],
    }


def _parent(subscription: Body, given: Body) -> Body:
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    if "proration_date" in given:
        details["subscription_proration_date"] = given["proration_date"]
    return {"type": "subscription_details", "quote_details": None, "subscription_details": details}


def subscription_of(body: Body) -> str | None:
    parent = body["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def advance_later(world: World, record: Record, at: int | None = None) -> None:
    """A draft is finalized, or an open invoice collected, in an hour."""
    at = at or world.now() + FINALIZES_AFTER
    if record.body["status"] == "draft":
        record.body["automatically_finalizes_at"] = at
    agenda.plan(world, "advance_invoice", record.id, at)


def finalize(world: World, id: str, *, paid_by: Record | None = None) -> Record:
    """The amount is due and nothing more can be changed. `paid_by`: an intent that has taken it already."""
    record = world.store.edit(id)
    body = record.body
    if body["status"] != "draft":
        raise Refused("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    customer = owner_of(world, record).body
    agenda.cancel(world, "advance_invoice", id)
    invoice_lines.reckon(world, record)
    if paid_by is not None:
        body |= {"amount_due": paid_by.body["amount"], "amount_remaining": paid_by.body["amount"]}
    elif body["amount_due"]:
        check_charge(body["amount_due"], body["currency"], "amount_due")
    ending = body["starting_balance"] + body["total"] - body["amount_due"]
    body |= {
        "automatically_finalizes_at": None,
        "effective_at": world.now(),
        "ending_balance": ending,
        "hosted_invoice_url": f"{world.base_url}/i/{id}",
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "status": "open",
    }
    body["status_transitions"]["finalized_at"] = world.now()
    customer["next_invoice_sequence"] += 1
    _set_balance(world, customer, ending, record.account)
    if body["amount_due"]:
        _await_payment(world, record, paid_by)
    events.emit(world, "invoice.finalized", body, record.account)
    if paid_by is not None or not body["amount_due"]:
        settle(world, id)
    return record


def owner_of(world: World, record: Record) -> Record:
    """Its customer, or `Refused` when he was deleted."""
    if world.store.find(record.body["customer"]) is None:
        raise Refused(f"The customer of this invoice was deleted: {record.body['customer']}")
    return world.store.edit(record.body["customer"])


def _await_payment(world: World, record: Record, paid_by: Record | None) -> None:
    body = record.body
    if body["collection_method"] == "send_invoice":
        days = record.hidden["days_until_due"]
        body["due_date"] = body["due_date"] or world.now() + days * DAY
        agenda.plan(world, "invoice_due", record.id, body["due_date"])
    given = {name: body[name] for name in ("currency", "customer")} | {"amount": body["amount_due"]}
    given["description"] = PURPOSES.get(body["billing_reason"], "Payment for Invoice")
    if body["billing_reason"] == FIRST:
        given["setup_future_usage"] = "off_session"
    intent = paid_by or payment_intents.make(world, record.account, given)
    intent = world.store.edit(intent.id)
    intent.hidden["invoice"], record.hidden["intent"] = record.id, intent.id
    payment = {
        "id": world.new_id("inpay"),
        "object": PAYMENT,
        "amount_paid": None,
        "amount_requested": body["amount_due"],
        "created": world.now(),
        "currency": body["currency"],
        "invoice": record.id,
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent.id},
        "status": "open",
        "status_transitions": blank("canceled_at paid_at"),
    }
    record.hidden["payment"] = world.add(payment, record.account).id


def _set_balance(world: World, customer: Body, balance: int, account: str) -> None:
    if customer["balance"] == balance:
        return
    before = {"balance": customer["balance"]}
    customer["balance"] = balance
    events.emit(world, "customer.updated", customer, account, before)


def check_payable(record: Record) -> None:
    status = record.body["status"]
    if status == "paid":
        raise Refused("Invoice is already paid")
    if status not in PAYABLE:
        raise Refused(f"Invoices with the status {status} cannot be paid.")


def set_delinquent(world: World, body: Body, *, owes: bool) -> None:
    if world.store.find(body["customer"]) is not None:
        world.store.edit(body["customer"]).body["delinquent"] = owes


def count_attempt(record: Record) -> bool:
    """Whether it was one of our own; what others try counts only when it is the first."""
    automatic: bool = record.hidden.pop("automatic", False)
    if automatic or not record.body["attempted"]:
        record.body["attempt_count"] += 1
    record.body["attempted"] = True
    return automatic


def settle(world: World, id: str, *, elsewhere: bool = False) -> Record:
    """Paid: by its intent, by nothing being due, or `elsewhere`."""
    record = world.store.edit(id)
    body = record.body
    _stop(world, record)
    if body["amount_due"] and not elsewhere:
        count_attempt(record)
    body |= {
        "amount_paid": body["amount_due"],
        "amount_paid_off_stripe": body["amount_due"] if elsewhere else 0,
        "amount_remaining": 0,
        "attempted": True,
        "status": "paid",
    }
    body["status_transitions"]["paid_at"] = world.now()
    set_delinquent(world, body, owes=False)
    if elsewhere:
        _cancel_payment(world, record)
    elif body["amount_due"]:
        payment = world.store.edit(record.hidden["payment"]).body
        payment |= {"amount_paid": body["amount_due"], "status": "paid"}
        payment["status_transitions"]["paid_at"] = world.now()
        events.emit(world, "invoice_payment.paid", payment, record.account)
    events.emit(world, "invoice.paid", body, record.account)
    if not elsewhere:
        events.emit(world, "invoice.payment_succeeded", body, record.account)
    tell(world, record, "paid")
    return record


def _stop(world: World, record: Record) -> None:
    """Nothing happens to it by itself any more."""
    agenda.cancel(world, "advance_invoice", record.id)
    agenda.cancel(world, "invoice_due", record.id)
    record.body |= {"auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None}


def stop_collecting(world: World, id: str) -> None:
    """Its subscription has ended, or its customer is gone: it stays as it is until somebody pays it."""
    _stop(world, world.store.edit(id))


def leave(world: World, customer: str) -> None:
    """Nobody asks a deleted customer for money."""
    for record in list(world.store.all(KIND)):
        if record.body["customer"] == customer and record.body["status"] in ("draft", "open"):
            stop_collecting(world, record.id)


customers.LEAVING.append(leave)


def _cancel_payment(world: World, record: Record) -> None:
    intent = world.store.find(record.hidden["intent"])
    if intent is None:
        return
    if intent.body["status"] in payment_intents.OPEN:
        payment_intents.void(world, intent.id, "void_invoice")
    payment = world.store.edit(record.hidden["payment"]).body
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = world.now()


def tell(world: World, record: Record, outcome: str) -> None:
    for listen in OUTCOMES:
        listen(world, record, outcome)


# otherwise


def send(world: World, id: str) -> Record:
    """Mail it to the customer, who pays on the hosted page."""
    record = world.store.edit(id)
    if record.body["status"] == "draft":
        finalize(world, id)
    agenda.cancel(world, "advance_invoice", id)
    events.emit(world, "invoice.sent", record.body, record.account)
    return record


@agenda.job("invoice_due", on_test_clocks=True)
def overdue(world: World, id: str) -> None:
    """The day has come and the money has not."""
    record = world.store.edit(id)
    events.emit(world, "invoice.overdue", record.body, record.account)
    tell(world, record, "overdue")


def void(world: World, id: str) -> Record:
    """It never was: what it took from the customer's balance goes back."""
    record = world.store.edit(id)
    body = record.body
    if body["status"] not in PAYABLE:
        raise Refused(f"You can only void an open or uncollectible invoice; this one is {body['status']}.")
    _stop(world, record)
    _cancel_payment(world, record)
    body["status"] = "void"
    body["status_transitions"]["voided_at"] = world.now()
    if world.store.find(body["customer"]) is not None:
        customer = world.store.edit(body["customer"]).body
        back = customer["balance"] - (body["ending_balance"] - body["starting_balance"])
        _set_balance(world, customer, back, record.account)
    events.emit(world, "invoice.voided", body, record.account)
    tell(world, record, "void")
    return record


def write_off(world: World, id: str, reason: str = "user_forgiven") -> Record:
    """Nobody expects the money any more; it may be paid nonetheless."""
    record = world.store.edit(id)
    if record.body["status"] != "open":
        raise Refused(
            f"Only open invoices can be marked as uncollectible; this one is {record.body['status']}."
        )
    _stop(world, record)
    record.body |= {"status": "uncollectible", "status_details": {"uncollectible": {"reason": reason}}}
    record.body["status_transitions"]["marked_uncollectible_at"] = world.now()
    events.emit(world, "invoice.marked_uncollectible", record.body, record.account)
    tell(world, record, "uncollectible")
    return record


# what is shown when asked for


def payments_of(world: World, id: str) -> list[Body]:
    return [record.body for record in world.store.all(PAYMENT) if record.body["invoice"] == id]


def _payments(world: World, body: Body) -> Body:
    return lists.listing(payments_of(world, body["id"]), f"/v1/invoice_payments?invoice={body['id']}")


def _secret(world: World, body: Body) -> Body | None:
    record = world.store.find(body["id"])
    intent = world.store.find(record.hidden["intent"]) if record else None
    return {"client_secret": intent.body["client_secret"], "type": "payment_intent"} if intent else None


expand.ADDED[KIND, "payments"] = _payments
expand.ADDED[KIND, "confirmation_secret"] = _secret
