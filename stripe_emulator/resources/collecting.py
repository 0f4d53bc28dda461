"""Taking the money of invoices: by itself and again after failures, on request, on the hosted page."""

from __future__ import annotations

from stripe_emulator import agenda, events
from stripe_emulator.errors import CardDeclined, Invalid, Refused
from stripe_emulator.periods import DAY
from stripe_emulator.resources import invoicing, payment_intents, payment_methods
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World


@agenda.job("advance_invoice", on_test_clocks=True)
def advance(world: World, id: str) -> None:
    """Finalize a draft; then send it or try to take the money."""
    record = world.store.edit(id)
    if record.body["status"] == "draft":
        _finalize_or_say_why_not(world, record)
    if record.body["status"] not in invoicing.PAYABLE:
        return
    if record.body["collection_method"] == "send_invoice":
        invoicing.send(world, id)
    else:
        try_to_collect(world, id)


def _finalize_or_say_why_not(world: World, record: Record) -> None:
    """What cannot be charged stays a draft."""
    try:
        invoicing.finalize(world, record.id)
    except Invalid as error:
        record.body |= {"auto_advance": False, "automatically_finalizes_at": None}
        record.body["last_finalization_error"] = error.body()["error"]
        events.emit(world, "invoice.finalization_failed", record.body, record.account)


def try_to_collect(world: World, id: str) -> None:
    """What Stripe does by itself, off session: a failure is told by events."""
    record = world.store.edit(id)
    try:
        collect(world, id, automatic=True)
    except CardDeclined:
        return
    except Refused:
        _failed(world, record, "invoice.payment_failed")


def collect(
    world: World, id: str, *, method: str = "", automatic: bool = False, off_session: bool = True
) -> Record:
    """Charge the customer's card: the named one, or the invoice's, the subscription's or his own default.

    Raises `CardDeclined`, or `Refused` without a card. The card may want its owner: then the intent is in
    ``requires_action`` and the invoice still open.
    """
    record = world.store.edit(id)
    invoicing.check_payable(record)
    invoicing.owner_of(world, record)
    record.hidden["automatic"] = automatic
    chosen = method or default_method(world, record.body)
    if not chosen:
        raise Refused(
            "This customer has no attached payment source or default payment method. Please consider adding "
            "a default payment method.",
            code="resource_missing",
        )
    found = payment_methods.find(world, record.account, chosen)
    payment_intents.pay(world, record.hidden["intent"], found, off_session=off_session, may_wait=True)
    return record


def pay_by_form(world: World, id: str, form: Body, *, authenticate: bool | None = None) -> Record:
    """The customer pays on the hosted page; `form`: ``number, exp_month, exp_year, cvc``, or ``name``."""
    record = world.store.edit(id)
    invoicing.check_payable(record)
    invoicing.owner_of(world, record)
    details = {"email": record.body["customer_email"], "name": form.get("name")}
    method = payment_methods.read(world, record.account, form, details)
    record.hidden["automatic"] = False
    world.store.edit(record.hidden["intent"]).hidden["return_url"] = record.body["hosted_invoice_url"]
    intent = payment_intents.pay(world, record.hidden["intent"], method)
    if intent.body["status"] == "requires_action" and authenticate is not None:
        payment_intents.authenticate(world, intent.id, passed=authenticate)
    return record


def default_method(world: World, body: Body) -> str | None:
    """Which saved card an invoice is charged to."""
    subscription = world.store.find(invoicing.subscription_of(body) or "")
    customer = world.store.find(body["customer"])
    assert customer is not None
    places = [
        body["default_payment_method"],
        subscription.body["default_payment_method"] if subscription else None,
        customer.body["invoice_settings"]["default_payment_method"],
    ]
    saved = [method for id in places if id for method in [world.store.find(id)] if method is not None]
    return next((method.id for method in saved if method.body["customer"] == customer.id), None)


def follow(world: World, intent: Record) -> None:
    """Something became of the intent of an invoice, whoever tried it."""
    record = world.store.get(invoicing.KIND, intent.hidden.get("invoice", ""))
    if record is None or record.body["status"] not in invoicing.PAYABLE:
        return
    record = world.store.edit(record.id)
    if intent.body["status"] == "succeeded":
        invoicing.settle(world, record.id)
    elif intent.body["status"] == "requires_action":
        _failed(world, record, "invoice.payment_action_required")
    else:
        _failed(world, record, "invoice.payment_failed")


def _failed(world: World, record: Record, event: str) -> None:
    """One attempt that took no money; by itself the next one comes after some days, or none any more."""
    body = record.body
    retried = (
        invoicing.count_attempt(record) and body["auto_advance"] and body["billing_reason"] != invoicing.FIRST
    )
    invoicing.set_delinquent(world, body, owes=True)
    waits = world.settings.retry_days
    if retried:
        left = body["attempt_count"] <= len(waits)
        at = world.now() + waits[body["attempt_count"] - 1] * DAY if left else None
        body["next_payment_attempt"] = at
        if at is not None:
            agenda.plan(world, "advance_invoice", record.id, at)
    events.emit(world, event, body, record.account)
    invoicing.tell(world, record, "failed")
    if retried and body["next_payment_attempt"] is None:
        body["auto_advance"] = False
        invoicing.tell(world, record, "given_up")


payment_intents.FOLLOWERS.append(follow)
