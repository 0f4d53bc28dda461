"""Transfers from the platform to connected accounts."""

from __future__ import annotations

from stripe_emulator import balance, events, lists
from stripe_emulator.errors import Invalid, Missing, Refused, missing_param
from stripe_emulator.money import check_amount
from stripe_emulator.resources import accounts, charges
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "transfer"
SENT = "sent_on"


@route("POST", "/v1/transfers")
def create(call: Call) -> Body:
    call.built("amount currency description destination metadata source_transaction transfer_group")
    world, given = call.world, call.params
    amount, currency = given.get("amount"), given["currency"].lower()
    if amount is None:
        raise missing_param("amount")
    if amount <= 0:
        raise Invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    check_amount(amount, currency)
    destination = _destination(world, given["destination"])
    source = _source(call, amount, currency)
    if source is None and amount > balance.totals(world, call.account, currency)["available"]:
        raise Refused(
            "You have insufficient available funds in your Stripe account. Name the charge as "
            "source_transaction, or charge the test card 4000000000000077, whose money is available at "
            "once.",
            code="balance_insufficient",
        )
    record = _make(world, call.account, destination, source, given | {"currency": currency})
    events.emit(world, "transfer.created", record.body, call.account)
    return record.body


@route("GET", "/v1/transfers")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "destination transfer_group")


@route("GET", "/v1/transfers/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/transfers/{}")
def update(call: Call) -> Body:
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    if "description" in call.params:
        body["description"] = call.params["description"]
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "transfer.updated", body, call.account)
    return body


def _destination(world: World, id: str) -> Record:
    record = world.store.get(accounts.KIND, id)
    if record is None:
        raise Missing("destination", id, "destination")
    if record.body["closed"] or accounts.status_of(record) != "active":
        raise Refused(
            "Your destination account needs to have at least one of the following capabilities enabled: "
            "transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )
    return record


def _source(call: Call, amount: int, currency: str) -> Record | None:
    """The charge the money comes from.

    All its transfers together, less what was reversed, are at most its amount.
    """
    id = call.params.get("source_transaction")
    if id is None:
        return None
    charge = call.world.get(charges.KIND, id, call.account, param="source_transaction")
    if charge.body["status"] != "succeeded" or not charge.body["captured"]:
        raise Refused(f"Charge {id} has not been captured.", param="source_transaction")
    if charge.body["currency"] != currency:
        raise Refused("The currency must be the one the charge settled in.", param="currency")
    left = charge.body["amount_captured"] - charge.hidden.get(SENT, 0)
    if amount > left:
        raise Refused(
            f"Transfers using this transaction as a source must not exceed the source amount of "
            f"{charge.body['amount_captured']}. (There is {left} left of it.)",
            code="amount_too_large",
            param="amount",
        )
    return charge


def _make(world: World, account: str, destination: Record, source: Record | None, given: Body) -> Record:
    id = world.new_id("tr")
    available_on = charges.available_on(world, source) if source else 0
    body = {
        "id": id,
        "object": KIND,
        "amount": given["amount"],
        "amount_reversed": 0,
        "created": world.now(),
        "currency": given["currency"],
        "description": given.get("description"),
        "destination": destination.id,
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "reversals": lists.listing([], f"/v1/transfers/{id}/reversals"),
        "reversed": False,
        "source_transaction": source.id if source else None,
        "source_type": "card",
        "transfer_group": _group(world, source, given.get("transfer_group")),
    }
    booked = balance.book(
        world, account, "transfer", -body["amount"], body["currency"], source=id, available_on=available_on
    )
    payment = _payment(world, body, available_on)
    body |= {"balance_transaction": booked.id, "destination_payment": payment.id}
    count(world, body, body["amount"])
    return world.add(body, account, available_on=available_on)


def count(world: World, transfer: Body, amount: int) -> None:
    """Add to what was sent on from the transfer's source."""
    if transfer["source_transaction"]:
        hidden = world.store.edit(transfer["source_transaction"]).hidden
        hidden[SENT] = hidden.get(SENT, 0) + amount


def _group(world: World, source: Record | None, wanted: str | None) -> str | None:
    """A sourced transfer is in the group of its charge.

    A charge without one gets one made of its identifier.
    """
    if source is None:
        return wanted
    own = source.body["transfer_group"]
    if own and wanted and own != wanted:
        raise Refused(f"The charge {source.id} is in the group '{own}'.", param="transfer_group")
    group = str(own or wanted or f"group_{source.id.partition('_')[2]}")
    if own is None:
        world.store.edit(source.id).body["transfer_group"] = group
    return group


def _payment(world: World, transfer: Body, available_on: int) -> Record:
    """What the connected account sees of a transfer: a charge-like payment without a fee."""
    id = world.new_id("py")
    body = blank(
        f"{charges.NOTHING} customer description outcome payment_intent payment_method transfer_group"
    ) | {
        "id": id,
        "object": charges.KIND,
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "billing_details": blank("email name phone tax_id")
        | {"address": blank("city country line1 line2 postal_code state")},
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": world.now(),
        "currency": transfer["currency"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
    }
    account = transfer["destination"]
    booked = balance.book(
        world,
        account,
        "payment",
        transfer["amount"],
        transfer["currency"],
        source=id,
        available_on=available_on,
    )
    body["balance_transaction"] = booked.id
    return world.add(body, account)
