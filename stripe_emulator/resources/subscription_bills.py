"""What a subscription leads to: its bills, what is planned for it, and who is told of a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stripe_emulator import agenda, events
from stripe_emulator.errors import CardDeclined
from stripe_emulator.periods import DAY
from stripe_emulator.resources import (
    collecting,
    discounts,
    invoice_items,
    invoice_lines,
    invoicing,
    payment_methods,
    prorations,
)
from stripe_emulator.resources.billed_items import items_of, period_of
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World

KIND = "subscription"
ENDED = ("canceled", "incomplete_expired")
UPCOMING_BEFORE, TRIAL_WARNING = 7 * DAY, 3 * DAY
OF_PERIOD = ("renew_subscription", "end_subscription", "announce_renewal", "warn_of_trial_end")
JOBS = (*OF_PERIOD, "expire_subscription", "resume_collection")


@contextmanager
def changing(world: World, id: str) -> Iterator[Record]:
    """A subscription to be changed; afterwards everybody is told what was different before."""
    record = world.store.edit(id)
    before = copy_of(record.body)
    yield record
    previous = events.changes(before, record.body)
    if previous:
        events.emit(world, "customer.subscription.updated", record.body, record.account, previous)


def schedule(world: World, record: Record) -> None:
    """Plan what will happen by itself."""
    for name in OF_PERIOD:
        agenda.cancel(world, name, record.id)
    body = record.body
    if body["status"] in (*ENDED, "paused"):
        return
    end = period_of(record)["end"]
    agenda.plan(world, "renew_subscription", record.id, end)
    if body["cancel_at"]:
        agenda.plan(world, "end_subscription", record.id, body["cancel_at"])
    if body["status"] == "trialing":
        warned = max(world.now(), body["trial_end"] - TRIAL_WARNING)
        agenda.plan(world, "warn_of_trial_end", record.id, warned)
    if end - UPCOMING_BEFORE > world.now():
        agenda.plan(world, "announce_renewal", record.id, end - UPCOMING_BEFORE)


def forget_plans(world: World, record: Record) -> None:
    """Nothing happens to it by itself any more."""
    for name in JOBS:
        agenda.cancel(world, name, record.id)


def bill(
    world: World,
    record: Record,
    reason: str,
    *,
    period: Body,
    whole_periods: bool = True,
    only_own: bool = False,
    proration_date: int | None = None,
) -> Record:
    """An invoice of a subscription: a line for the period of each item, and whatever else waits for one."""
    body = record.body
    customer = world.store.find(body["customer"])
    assert customer is not None
    items = invoice_items.pending(world, record.account, customer.id, body["currency"], record.id)
    if only_own:
        own = {item.id for item in invoice_items.of_subscription(world, record.account, record.id)}
        items = [item for item in items if item.id in own]
    free = body["status"] == "trialing"
    lines = [
        invoice_lines.of_subscription_item(world, item, free=free)
        for item in items_of(record)
        if whole_periods
    ]
    given = {
        "auto_advance": body["status"] != "unpaid" and body["pause_collection"] is None,
        "collection_method": body["collection_method"],
        "days_until_due": body["days_until_due"],
        "discounts": discounts.live(world, body["discounts"]),
        "metadata": {},
    }
    if proration_date is not None:
        given["proration_date"] = proration_date
    invoice = invoicing.make(
        world,
        record.account,
        customer.body,
        lines + invoice_items.lines_of(world, items),
        reason=reason,
        currency=body["currency"],
        period=period,
        given=given,
        subscription=body,
    )
    invoice_items.take_along(invoice, items)
    body["latest_invoice"] = invoice.id
    used = [taken["discount"] for taken in invoice.body["total_discount_amounts"] if taken["amount"]]
    left = discounts.use(world, used)
    body["discounts"] = [id for id in body["discounts"] if id not in used or id in left]
    prorations.note_billed(world, invoice)
    return invoice


def bill_now(
    world: World, record: Record, given: Body, *, whole_periods: bool, only_own: bool = False
) -> Record:
    """An invoice for a change, finalized and charged at once (a sent one goes its usual way)."""
    invoice = bill(
        world,
        record,
        "subscription_update",
        period=period_of(record),
        whole_periods=whole_periods,
        only_own=only_own,
        proration_date=given.get("proration_date", world.now()),
    )
    if not invoice.body["auto_advance"] or record.body["collection_method"] == "send_invoice":
        return invoice
    invoicing.finalize(world, invoice.id)
    behavior = given.get("payment_behavior", "allow_incomplete")
    if invoice.body["status"] == "open" and behavior != "default_incomplete":
        take_payment(world, invoice, behavior, off_session=given.get("off_session", True))
    return invoice


def take_payment(world: World, invoice: Record, behavior: str, *, off_session: bool = False) -> None:
    """Charge an invoice at once; only ``error_if_incomplete`` makes a failure the request's failure."""
    try:
        collecting.collect(world, invoice.id, automatic=True, off_session=off_session)
    except CardDeclined as error:
        if behavior == "error_if_incomplete":
            error.keep = False
            raise
    if behavior == "error_if_incomplete" and invoice.body["status"] != "paid":
        raise CardDeclined(
            "The payment needs its customer to act.", code="subscription_payment_intent_requires_action"
        )


def keep_card(world: World, record: Record, method: Record) -> None:
    """The card that its invoices are charged to from now on."""
    payment_methods.keep_for(world, method, record.body["customer"])
    record.body["default_payment_method"] = method.id
