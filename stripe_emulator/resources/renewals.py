"""What subscriptions do by themselves: renew, end, and follow what becomes of their invoices."""

from __future__ import annotations

from stripe_emulator import agenda, events
from stripe_emulator.resources import collecting, invoice_items, invoicing, subscriptions
from stripe_emulator.resources import subscription_bills as bills
from stripe_emulator.resources.billed_items import period_of, set_period
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World

CYCLE = "subscription_cycle"
SETTLED = ("paid", "void", "uncollectible")


@agenda.job("renew_subscription", on_test_clocks=True)
def renew(world: World, id: str) -> None:
    """A period is over: the next one begins with a draft, unless this was the last."""
    record = world.store.edit(id)
    ends = record.body["cancel_at"]
    if ends is not None and ends <= world.now():
        finish(world, id)
    elif record.body["status"] != "trialing" or _can_go_on(world, record):
        begin_next(world, record)


def begin_next(world: World, record: Record) -> Record:
    """The next period, and its invoice; a trial is over."""
    last = period_of(record)
    with bills.changing(world, record.id):
        if record.body["status"] == "trialing":
            record.body["status"] = "active"
        set_period(world, record, last["end"])
        invoice = bills.bill(world, record, CYCLE, period=last)
    bills.schedule(world, record)
    _if_not_collected(world, record, invoice)
    return invoice


def _if_not_collected(world: World, record: Record, invoice: Record) -> None:
    """While collection is paused an invoice is closed at once, or stays a draft."""
    behavior = (record.body["pause_collection"] or {}).get("behavior", "keep_as_draft")
    if behavior == "keep_as_draft":
        return
    invoicing.finalize(world, invoice.id)
    if invoice.body["status"] != "open":
        return
    if behavior == "void":
        invoicing.void(world, invoice.id)
    else:
        invoicing.write_off(world, invoice.id, "subscription_paused")


def _can_go_on(world: World, record: Record) -> bool:
    """At the end of a trial without a card the subscription may end or pause instead."""
    behavior = record.body["trial_settings"]["end_behavior"]["missing_payment_method"]
    asks = {"parent": None, "default_payment_method": record.body["default_payment_method"]}
    has_card = collecting.default_method(world, asks | {"customer": record.body["customer"]})
    if has_card or behavior == "create_invoice" or record.body["collection_method"] == "send_invoice":
        return True
    if behavior == "cancel":
        subscriptions.end(world, record)
        return False
    with bills.changing(world, record.id):
        record.body["status"] = "paused"
        why = {"subscription": {"type": "trial_end_without_payment_method"}, "type": "subscription"}
        record.body["status_details"] = {"paused": why | {"transitioned_at": world.now()}}
    events.emit(world, "customer.subscription.paused", record.body, record.account)
    return False


@agenda.job("end_subscription", on_test_clocks=True)
def finish(world: World, id: str) -> None:
    """The end it was told of; what still waits for an invoice is billed."""
    record = world.store.edit(id)
    if record.body["status"] in bills.ENDED:
        return
    subscriptions.end(world, record)
    if invoice_items.of_subscription(world, record.account, id):
        bills.bill(world, record, CYCLE, period=period_of(record), whole_periods=False, only_own=True)


@agenda.job("expire_subscription", on_test_clocks=True)
def expire(world: World, id: str) -> None:
    """The first payment did not come in time."""
    record = world.store.edit(id)
    if record.body["status"] == "incomplete":
        invoicing.void(world, record.body["latest_invoice"])


@agenda.job("announce_renewal", on_test_clocks=True)
def announce_renewal(world: World, id: str) -> None:
    """What the next invoice will be, some days before."""
    record = world.store.find(id)
    assert record is not None
    if record.body["status"] in ("active", "trialing", "past_due") and not record.body["cancel_at"]:
        body = upcoming(world, record)
        events.emit(world, "invoice.upcoming", body, record.account)


def upcoming(world: World, record: Record) -> Body:
    """The next invoice as it would be drafted at the end of the period; nothing of it stays."""
    with world.store.trying():
        with world.on_test_clock("", period_of(record)["end"]):
            invoice = begin_next(world, world.store.edit(record.id))
        return as_preview(invoice.body)


def as_preview(body: Body) -> Body:
    """An invoice that is only shown: it has a name of its own and nothing becomes of it."""
    shown: Body = copy_of(body)
    return shown | {"id": shown["id"].replace("in_", "upcoming_in_", 1), "automatically_finalizes_at": None}


@agenda.job("warn_of_trial_end", on_test_clocks=True)
def warn_of_trial_end(world: World, id: str) -> None:
    record = world.store.find(id)
    assert record is not None
    events.emit(world, "customer.subscription.trial_will_end", record.body, record.account)


# what becomes of invoices


def follow(world: World, invoice: Record, outcome: str) -> None:
    """The newest finalized invoice of a subscription decides how it stands."""
    record = world.store.get(bills.KIND, invoicing.subscription_of(invoice.body) or "")
    if record is None or record.body["status"] in (*bills.ENDED, "paused"):
        return
    if _newest_finalized(world, record) != invoice.id:
        return
    if outcome == "given_up":
        _give_up(world, record.id)
        return
    with bills.changing(world, record.id) as changed:
        changed.body["status"] = _status(changed.body["status"], outcome)
        if outcome == "paid":
            _remember_card(world, changed, invoice)
    if changed.body["status"] == "incomplete_expired":
        bills.forget_plans(world, changed)


invoicing.OUTCOMES.append(follow)


def _newest_finalized(world: World, record: Record) -> str:
    """An hour long there may be a newer draft, which says nothing yet."""
    return next(
        invoice.id
        for invoice in world.store.all(invoicing.KIND, record.account)
        if invoicing.subscription_of(invoice.body) == record.id and invoice.body["status"] != "draft"
    )


def _status(now: str, outcome: str) -> str:
    if now == "incomplete":
        return {"paid": "active", "void": "incomplete_expired"}.get(outcome, now)
    if outcome in SETTLED:
        return "active" if now in ("past_due", "unpaid") else now
    return "past_due" if now == "active" else now


def _remember_card(world: World, record: Record, invoice: Record) -> None:
    """The card that paid is kept for the next time, where that was asked for."""
    intent = world.store.find(invoice.hidden["intent"])
    wanted = record.body["payment_settings"]["save_default_payment_method"] == "on_subscription"
    if not wanted or intent is None or not intent.body["payment_method"]:
        return
    method = world.store.edit(intent.body["payment_method"])
    bills.keep_card(world, record, method)


def _give_up(world: World, id: str) -> None:
    """Every retry failed."""
    after = world.settings.after_retries
    if after == "cancel":
        subscriptions.cancel(world, id, reason="payment_failed")
    elif after == "unpaid":
        with bills.changing(world, id) as record:
            record.body["status"] = "unpaid"
