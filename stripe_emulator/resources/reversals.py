"""Transfer reversals: money taken back from a connected account, in parts or as a whole."""

from __future__ import annotations

from stripe_emulator import balance, events, lists
from stripe_emulator.errors import Invalid, Refused
from stripe_emulator.money import check_amount
from stripe_emulator.resources import refunds, transfers
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "transfer_reversal"
SHOWN = 10


@route("POST", "/v1/transfers/{}/reversals")
def create(call: Call) -> Body:
    call.built("amount description metadata")
    world = call.world
    transfer = world.store.edit(world.get(transfers.KIND, call.id, call.account).id)
    left = transfer.body["amount"] - transfer.body["amount_reversed"]
    if left <= 0:
        raise Refused(f"Transfer {transfer.id} is already fully reversed.", code="transfer_already_reversed")
    amount = call.params.get("amount", left)
    if amount <= 0:
        raise Invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    check_amount(amount, transfer.body["currency"])
    if amount > left:
        message = f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"
        raise Refused(message, code="amount_too_large", param="amount")
    _check_balance(world, transfer, amount)
    record = _make(world, transfer, amount, call.params)
    events.emit(world, "transfer.reversed", transfer.body, call.account)
    refunds.retry_waiting(world, call.account)
    return record.body


@route("GET", "/v1/transfers/{}/reversals")
def index(call: Call) -> Body:
    call.world.get(transfers.KIND, call.id, call.account)
    return lists.page(call, KIND, keep=lambda record: record.body["transfer"] == call.id)


@route("GET", "/v1/transfers/{}/reversals/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/transfers/{}/reversals/{}")
def update(call: Call) -> Body:
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    return body


def _check_balance(world: World, transfer: Record, amount: int) -> None:
    if world.settings.allow_negative_balance:
        return
    totals = balance.totals(world, transfer.body["destination"], transfer.body["currency"])
    bucket = "pending" if _available_on(world, transfer) else "available"
    if amount > totals[bucket]:
        raise Refused(
            "The connected account has insufficient funds for this reversal.", code="balance_insufficient"
        )


def _available_on(world: World, transfer: Record) -> int:
    """When the transferred money becomes available if it is still pending, else 0.

    What is taken back is alike.
    """
    at: int = transfer.hidden["available_on"]
    return at if at > world.now() else 0


def _make(world: World, transfer: Record, amount: int, given: Body) -> Record:
    id, currency = world.new_id("trr"), transfer.body["currency"]
    available_on = _available_on(world, transfer)
    booked = balance.book(
        world, transfer.account, "transfer_refund", amount, currency, source=id, available_on=available_on
    )
    refund = _payment_refund(world, transfer, id, amount, available_on)
    body = {
        "id": id,
        "object": KIND,
        "amount": amount,
        "balance_transaction": booked.id,
        "created": world.now(),
        "currency": currency,
        "destination_payment_refund": refund.id,
        "metadata": merged_metadata({}, given.get("metadata")),
        "source_refund": None,
        "transfer": transfer.id,
    }
    record = world.add(body, transfer.account)
    transfers.count(world, transfer.body, -amount)
    transfer.body["amount_reversed"] += amount
    transfer.body["reversed"] = transfer.body["amount_reversed"] == transfer.body["amount"]
    newest = [body, *transfer.body["reversals"]["data"]]
    url = transfer.body["reversals"]["url"]
    transfer.body["reversals"] = lists.listing(newest[:SHOWN], url, has_more=len(newest) > SHOWN)
    return record


def _payment_refund(world: World, transfer: Record, reversal: str, amount: int, available_on: int) -> Record:
    """What the connected account sees of a reversal: its payment refunded."""
    account, currency = transfer.body["destination"], transfer.body["currency"]
    payment = world.store.edit(transfer.body["destination_payment"])
    id = world.new_id("pyr")
    booked = balance.book(
        world, account, "payment_refund", -amount, currency, source=id, available_on=available_on
    )
    body = blank("payment_intent reason receipt_number transfer_reversal") | {
        "id": id,
        "object": refunds.KIND,
        "amount": amount,
        "balance_transaction": booked.id,
        "charge": payment.id,
        "created": world.now(),
        "currency": currency,
        "metadata": {},
        "source_transfer_reversal": reversal,
        "status": "succeeded",
    }
    payment.body["amount_refunded"] += amount
    payment.body["refunded"] = payment.body["amount_refunded"] == payment.body["amount"]
    return world.add(body, account)
