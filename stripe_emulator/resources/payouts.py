"""Payouts from a balance to a bank account, by request or by schedule, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stripe_emulator import agenda, balance, events, lists
from stripe_emulator.errors import Refused
from stripe_emulator.money import check_payout, payout_step
from stripe_emulator.resources import accounts, bank_accounts, schedules
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "payout"
LEAVES_AFTER = 3600
ARRIVES_AFTER_DAYS = 2


@route("POST", "/v1/payouts")
def create(call: Call) -> Body:
    call.built("amount currency description metadata statement_descriptor")
    world, given = call.world, call.params
    bank = _bank(world, call.account)
    check_payout(given["amount"], given["currency"])
    available = balance.totals(world, call.account, given["currency"])["available"]
    if given["amount"] <= 0 or given["amount"] > available:
        raise Refused(
            "You have insufficient funds in your Stripe account for this payout.", code="balance_insufficient"
        )
    record = _make(world, call.account, bank, given["amount"], given["currency"], automatic=False)
    record.body["metadata"] = merged_metadata({}, given.get("metadata"))
    record.body["description"] = given.get("description")
    record.body["statement_descriptor"] = given.get("statement_descriptor")
    events.emit(world, "payout.created", record.body, call.account)
    return record.body


@route("GET", "/v1/payouts")
def index(call: Call) -> Body:
    def keep(record: Record) -> bool:
        return lists.within(record.body["arrival_date"], call.params.get("arrival_date"))

    return lists.page(call, KIND, "status destination", also="arrival_date", keep=keep)


@route("GET", "/v1/payouts/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/payouts/{}")
def update(call: Call) -> Body:
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "payout.updated", body, call.account)
    return body


@route("POST", "/v1/payouts/{}/cancel")
def cancel(call: Call) -> Body:
    world = call.world
    record = world.get(KIND, call.id, call.account)
    if record.body["status"] != "pending" or record.body["automatic"]:
        raise Refused("Only pending payouts you made yourself can be canceled.", code="payout_not_cancelable")
    return _cancel(world, record.id).body


def _cancel(world: World, id: str) -> Record:
    record = world.store.edit(id)
    body = record.body
    body["status"] = "canceled"
    agenda.cancel(world, "payout_moves", id)
    back = balance.book(world, record.account, "payout_cancel", body["amount"], body["currency"], source=id)
    body["failure_balance_transaction"] = back.id
    events.emit(world, "payout.canceled", body, record.account)
    return record


@route("POST", "/v1/payouts/{}/reverse")
def reverse(call: Call) -> Body:
    """Take it back from the bank: another payout, of the negative amount, that arrives like any."""
    call.built("metadata")
    world = call.world
    record = world.get(KIND, call.id, call.account)
    if call.account == world.platform:
        raise Refused("Only payouts of connected accounts can be reversed.", code="payout_not_reversible")
    if record.body["status"] not in ("in_transit", "paid") or record.body["amount"] < 0:
        raise Refused("Only payouts on their way or paid can be reversed.", code="payout_not_reversible")
    if record.body["reversed_by"]:
        raise Refused(f"Payout {record.id} has already been reversed.", code="payout_not_reversible")
    bank = world.get(bank_accounts.KIND, record.body["destination"], call.account)
    amount, currency = -record.body["amount"], record.body["currency"]
    back = _make(world, call.account, bank, amount, currency, automatic=False)
    back.body |= {"original_payout": record.id, "metadata": merged_metadata({}, call.params.get("metadata"))}
    world.store.edit(record.id).body["reversed_by"] = back.id
    events.emit(world, "payout.updated", world.get(KIND, record.id, call.account).body, call.account)
    events.emit(world, "payout.created", back.body, call.account)
    return back.body


def _bank(world: World, account: str) -> Record:
    if account == world.platform:
        return bank_accounts.platforms(world)
    owner = accounts.find(world, account)
    bank = bank_accounts.of(world, owner.hidden["bank"])
    if bank is None or accounts.status_of(owner, accounts.PAYOUTS) != "active":
        raise Refused("Payouts are not enabled for this account.", code="payouts_not_allowed")
    return bank


def _make(world: World, account: str, bank: Record, amount: int, currency: str, *, automatic: bool) -> Record:
    day = datetime.fromtimestamp(world.now(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    nothing = (
        "application_fee application_fee_amount failure_balance_transaction failure_code failure_message "
        "original_payout payout_method reversed_by statement_descriptor"
    )
    body = blank(nothing) | {
        "id": world.new_id("po"),
        "object": KIND,
        "amount": amount,
        "arrival_date": int((day + timedelta(days=ARRIVES_AFTER_DAYS)).timestamp()),
        "automatic": automatic,
        "created": world.now(),
        "currency": currency,
        "description": "STRIPE PAYOUT" if automatic else None,
        "destination": bank.id,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "source_type": "card",
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    comes_on = body["arrival_date"] if amount < 0 else 0
    booked = balance.book(
        world, account, "payout", -amount, currency, source=body["id"], available_on=comes_on
    )
    body["balance_transaction"] = booked.id
    agenda.plan(world, "payout_moves", body["id"], world.now() + LEAVES_AFTER)
    return world.add(body, account)


@agenda.job("automatic_payout")
def pay_out(world: World, account: str) -> None:
    """Pay out what is available, as one payout per currency, and plan the next."""
    schedules.plan_next(world, account)
    try:
        bank = _bank(world, account)
    except Refused:
        return
    for currency in balance.currencies(world, account):
        _pay_out_currency(world, account, bank, currency)


def _pay_out_currency(world: World, account: str, bank: Record, currency: str) -> None:
    kept = (schedules.of(world, account)["minimum"] or {}).get(currency) or 0
    available = balance.totals(world, account, currency)["available"]
    amount = available - int(kept)
    amount -= amount % payout_step(currency)
    if amount <= 0:
        return
    parts = [
        record.id
        for record in balance.transactions(world, account)
        if record.hidden["payout"] is None
        and record.body["status"] == "available"
        and record.body["currency"] == currency
    ]
    payout = _make(world, account, bank, amount, currency, automatic=True)
    if available > amount:
        parts.append(_hold_back(world, account, available - amount, currency))
    for id in [*parts, payout.body["balance_transaction"]]:
        world.store.edit(id).hidden["payout"] = payout.id
    events.emit(world, "payout.created", payout.body, account)
    events.emit(world, "payout.reconciliation_completed", payout.body, account)


def _hold_back(world: World, account: str, amount: int, currency: str) -> str:
    """What a payout leaves on the balance: taken out of this one, there again for the next."""
    hold, _release = (
        balance.book(world, account, kind, change, currency, source="", category=kind)
        for kind, change in (
            ("payout_minimum_balance_hold", -amount),
            ("payout_minimum_balance_release", amount),
        )
    )
    return hold.id


@agenda.job("payout_moves")
def move(world: World, id: str) -> None:
    """Pending money leaves; money on its way arrives, or comes back when the bank does not want it."""
    record = world.store.edit(id)
    body = record.body
    if body["status"] == "pending":
        body["status"] = "in_transit"
        agenda.plan(world, "payout_moves", id, max(body["arrival_date"], world.now()))
        events.emit(world, "payout.updated", body, record.account)
        return
    if body["status"] != "in_transit":
        return
    bank = world.store.find(body["destination"])
    code = bank_accounts.expected_failure(bank) if bank else ""
    if code:
        fail(world, id, code)
        return
    body["status"] = "paid"
    body["trace_id"] = {"status": "supported", "value": world.token(12)}
    events.emit(world, "payout.paid", body, record.account)


def fail(world: World, id: str, code: str) -> Record:
    """The bank sent it back, even after it was paid: the money returns to the balance."""
    record = world.store.edit(id)
    body = record.body
    if body["status"] in ("failed", "canceled"):
        raise Refused(f"A payout that is {body['status']} cannot fail.")
    agenda.cancel(world, "payout_moves", id)
    back = balance.book(world, record.account, "payout_failure", body["amount"], body["currency"], source=id)
    body |= {
        "status": "failed",
        "failure_balance_transaction": back.id,
        "failure_code": code,
        "failure_message": bank_accounts.MESSAGES.get(code, "The bank could not process this payout."),
    }
    events.emit(world, "payout.failed", body, record.account)
    if code in bank_accounts.FATAL and _is_current(world, record):
        accounts.stop_payouts(world, record.account)
    taken_back = world.store.find(body["reversed_by"] or "")
    if taken_back is not None and taken_back.body["status"] == "pending":
        _cancel(world, taken_back.id)
    return record


def _is_current(world: World, record: Record) -> bool:
    """Whether it went where the connected account's payouts still go."""
    if record.account == world.platform:
        return False
    return bool(accounts.find(world, record.account).hidden["bank"] == record.body["destination"])
