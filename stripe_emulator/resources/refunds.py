"""Refunds: parts of a charge given back, at most the whole of it."""

from __future__ import annotations

from stripe_emulator import agenda, balance, events, lists
from stripe_emulator.errors import Invalid, Refused, missing_param
from stripe_emulator.money import check_amount
from stripe_emulator.resources import charges
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "refund"
WAITING = "waiting_refunds"
TAKES = 3600
"""How long the test cards with an asynchronous refund take, in seconds."""


@route("POST", "/v1/refunds")
def create(call: Call) -> Body:
    call.built("amount charge payment_intent reason metadata")
    world, given = call.world, call.params
    charge = world.store.edit(_charge(call).id)
    left = charge.body["amount_captured"] - charge.body["amount_refunded"]
    if charge.body["refunded"] or left <= 0:
        raise Refused(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    if charges.charged_back(world, charge.id):
        raise Refused(f"Charge {charge.id} has been charged back.", code="charge_disputed")
    amount = given.get("amount", left)
    if amount <= 0:
        raise Invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    check_amount(amount, charge.body["currency"])
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refused(message, code="amount_too_large", param="amount")
    record = _make(world, charge, amount, given)
    _count(charge.body, amount)
    _start(world, record, charge)
    charges.settle_warnings(world, charge)
    events.emit(world, "refund.created", record.body, call.account)
    events.emit(world, "charge.refunded", charge.body, call.account)
    return record.body


@route("GET", "/v1/refunds")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "charge payment_intent")


@route("GET", "/v1/refunds/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/refunds/{}")
def update(call: Call) -> Body:
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "refund.updated", body, call.account)
    return body


@route("POST", "/v1/refunds/{}/cancel")
def cancel(call: Call) -> Body:
    """Stripe cancels only what waits for the customer's bank details, which a card never does."""
    record = call.world.get(KIND, call.id, call.account)
    raise Refused(f"A refund of status {record.body['status']} cannot be canceled.", param="id")


def _charge(call: Call) -> Record:
    if "charge" in call.params:
        return call.world.get(charges.KIND, call.params["charge"], call.account, param="charge")
    if "payment_intent" not in call.params:
        raise missing_param("charge")
    intent = call.world.get(
        "payment_intent", call.params["payment_intent"], call.account, param="payment_intent"
    )
    charge = call.world.store.find(intent.body["latest_charge"] or "")
    if charge is None or charge.body["status"] != "succeeded":
        raise Refused(f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.")
    return charge


def _make(world: World, charge: Record, amount: int, given: Body) -> Record:
    reference = {"reference": None, "reference_status": "pending", "reference_type": None, "type": "refund"}
    body = blank("balance_transaction receipt_number source_transfer_reversal transfer_reversal") | {
        "id": world.new_id("re"),
        "object": KIND,
        "amount": amount,
        "charge": charge.id,
        "created": world.now(),
        "currency": charge.body["currency"],
        "destination_details": {"card": reference, "type": "card"},
        "metadata": merged_metadata({}, given.get("metadata")),
        "payment_intent": charge.body["payment_intent"],
        "reason": given.get("reason"),
        "status": "pending",
    }
    return world.add(body, charge.account)


def _count(charge: Body, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"]


def _start(world: World, record: Record, charge: Record) -> None:
    """Pay it now, or say what it waits for."""
    if not _affordable(world, record, charge):
        record.body["pending_reason"] = "insufficient_funds"
        world.store.set_meta(WAITING, [*world.store.meta(WAITING, []), record.id])
        return
    _book(world, record, charge)
    card = charges.card_of(world, charge)
    if card.refund == "pending":
        record.body["pending_reason"] = "processing"
        agenda.plan(world, "refund_succeeds", record.id, world.now() + TAKES)
        return
    record.body["status"] = "succeeded"
    if card.refund == "fails":
        agenda.plan(world, "refund_fails", record.id, world.now() + TAKES)


def _affordable(world: World, record: Record, charge: Record) -> bool:
    """Whether the balance, pending money included, covers it.

    The charge's own fee, never returned, may be owed.
    """
    totals = balance.totals(world, record.account, record.body["currency"])
    fee = balance.processing_fee(charge.body["amount_captured"])
    return bool(totals["available"] + totals["pending"] + fee >= record.body["amount"])


def _book(world: World, record: Record, charge: Record) -> None:
    booked = balance.book(
        world,
        record.account,
        "refund",
        -record.body["amount"],
        record.body["currency"],
        source=record.id,
        available_on=charges.available_on(world, charge),
    )
    record.body["balance_transaction"] = booked.id


def retry_waiting(world: World, account: str) -> None:
    """Money came in: pay the refunds of this account that waited for it, oldest first."""
    for id in world.store.meta(WAITING, []):
        record = world.store.edit(id)
        charge = world.store.find(record.body["charge"])
        assert charge is not None
        if record.account == account and _affordable(world, record, charge):
            world.store.set_meta(WAITING, [other for other in world.store.meta(WAITING) if other != id])
            record.body.pop("pending_reason")
            _start(world, record, charge)
            events.emit(world, "refund.updated", record.body, account)


@agenda.job("refund_succeeds")
def succeed(world: World, id: str) -> None:
    record = world.store.edit(id)
    record.body["status"] = "succeeded"
    record.body.pop("pending_reason", None)
    events.emit(world, "refund.updated", record.body, record.account)


@agenda.job("refund_fails")
def fail(world: World, id: str) -> None:
    """The bank sends a refund back.

    The money is in the balance again and the charge is not refunded after all.
    """
    record = world.store.edit(id)
    charge = world.store.edit(record.body["charge"])
    amount = record.body["amount"]
    back = balance.book(world, record.account, "refund_failure", amount, record.body["currency"], source=id)
    record.body |= {
        "status": "failed",
        "failure_balance_transaction": back.id,
        "failure_reason": "expired_or_canceled_card",
    }
    _count(charge.body, -amount)
    events.emit(world, "refund.updated", record.body, record.account)
    events.emit(world, "refund.failed", record.body, record.account)
    events.emit(world, "charge.updated", charge.body, record.account)
