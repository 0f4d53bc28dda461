"""Charges: one per attempt to take money from a card."""

from __future__ import annotations

from typing import Any

from stripe_emulator import agenda, balance, events, expand, lists
from stripe_emulator.cards import MESSAGES, Card
from stripe_emulator.resources import payment_methods
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "charge"
REFUNDS_SHOWN = 10
NOTHING = (
    "application application_fee application_fee_amount balance_transaction failure_balance_transaction "
    "failure_code failure_message on_behalf_of receipt_email receipt_number receipt_url review shipping "
    "source source_transfer statement_descriptor statement_descriptor_suffix transfer_data"
)
WARNING = "radar.early_fraud_warning"
CHARGED_BACK = ("needs_response", "under_review", "lost")


@route("GET", "/v1/charges")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "customer payment_intent transfer_group")


@route("GET", "/v1/charges/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/charges/{}")
def update(call: Call) -> Body:
    call.built("description metadata transfer_group receipt_email")
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body |= {name: value for name, value in call.params.items() if name != "metadata"}
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "charge.updated", body, call.account)
    return body


def _refunds(world: World, charge: Body) -> Body:
    found = [record.body for record in world.store.all("refund") if record.body["charge"] == charge["id"]]
    url = f"/v1/charges/{charge['id']}/refunds"
    return lists.listing(found[:REFUNDS_SHOWN], url, has_more=len(found) > REFUNDS_SHOWN)


expand.ADDED[KIND, "refunds"] = _refunds


def make(world: World, intent: Record, method: Record, *, authenticated: bool, captured: bool) -> Record:
    """A charge that went through, for an intent. Its money is booked by `settle`."""
    return world.add(
        _body(world, intent, method, authenticated=authenticated) | {"captured": captured}, intent.account
    )


def make_failed(world: World, intent: Record, method: Record, card: Card, *, authenticated: bool) -> Record:
    """A charge that was declined for the reason of `card`."""
    blocked = card.risk == "highest"
    body = _body(world, intent, method, authenticated=authenticated) | {
        "captured": False,
        "failure_code": card.code,
        "failure_message": MESSAGES.get(card.decline_code) or MESSAGES[card.code],
        "paid": False,
        "status": "failed",
    }
    body["outcome"] |= {
        "network_status": "not_sent_to_network" if blocked else "declined_by_network",
        "reason": "highest_risk_level" if blocked else card.decline_code or card.code,
        "seller_message": "Stripe blocked this payment." if blocked else "The bank declined the payment.",
        "type": "blocked" if blocked else "issuer_declined",
    }
    record = world.add(body, intent.account)
    events.emit(world, "charge.failed", body, intent.account)
    return record


def settle(world: World, id: str, amount: int) -> None:
    """Take the money of a charge: balance transaction less the fee, and what its card has in store."""
    record = world.store.edit(id)
    body = record.body
    card = payment_methods.card_of(_method(world, body))
    booked = balance.book(
        world,
        record.account,
        "charge",
        amount,
        body["currency"],
        source=id,
        fee=balance.processing_fee(amount),
        available_on=0 if card.instant else balance.settles_at(world.now()),
        description=body["description"],
    )
    body |= {"captured": True, "amount_captured": amount, "balance_transaction": booked.id}
    if card.dispute:
        agenda.plan(world, "open_disputes", id, world.now())
    if card.warning:
        agenda.plan(world, "warn_of_fraud", id, world.now())


def _method(world: World, body: Body) -> Record:
    method = world.store.find(body["payment_method"])
    assert method is not None
    return method


def card_of(world: World, record: Record) -> Card:
    return payment_methods.card_of(_method(world, record.body))


def available_on(world: World, record: Record) -> int:
    """When the charge's own money becomes available."""
    booked = world.store.find(record.body["balance_transaction"] or "")
    return int(booked.body["available_on"]) if booked else world.now()


def _body(world: World, intent: Record, method: Record, *, authenticated: bool) -> Body:
    card = payment_methods.card_of(method)
    taken = intent.body
    return blank(NOTHING) | {
        "id": world.new_id("ch"),
        "object": KIND,
        "amount": taken["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method.body["billing_details"],
        "calculated_statement_descriptor": world.settings.platform_name.upper()[:22],
        "created": world.now(),
        "currency": taken["currency"],
        "customer": taken["customer"],
        "description": taken["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(taken["metadata"]),
        "outcome": _outcome(card),
        "paid": True,
        "payment_intent": intent.id,
        "payment_method": method.id,
        "payment_method_details": {
            "card": _card(method, taken["amount"], authenticated=authenticated),
            "type": "card",
        },
        "radar_options": {},
        "refunded": False,
        "status": "succeeded",
        "transfer_group": taken["transfer_group"],
    }


def _outcome(card: Card) -> Body:
    return blank("advice_code network_advice_code network_decline_code reason") | {
        "network_status": "approved_by_network",
        "risk_level": card.risk,
        "risk_score": {"normal": 20, "elevated": 70, "highest": 95}[card.risk],
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _card(method: Record, amount: int, *, authenticated: bool) -> Body:
    card = payment_methods.card_of(method)
    shown = method.body["card"]
    details: dict[str, Any] = payment_methods.card_details(card, shown["exp_month"], shown["exp_year"])
    secure = blank("exemption_indicator result_reason") | {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "transaction_id": None,
        "version": "2.2.0",
    }
    return (
        details
        | blank("authorization_code installments mandate network_transaction_id regulated_status wallet")
        | {
            "amount_authorized": amount,
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": {"status": "unavailable"},
            "multicapture": {"status": "unavailable"},
            "network": card.brand,
            "network_token": {"used": False},
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "three_d_secure": secure if authenticated else None,
        }
    )


def charged_back(world: World, id: str) -> bool:
    """Whether a bank has taken money of this charge, or may: then nothing of it is refunded."""
    return any(
        record.body["charge"] == id and record.body["status"] in CHARGED_BACK
        for record in world.store.all("dispute")
    )


@agenda.job("warn_of_fraud")
def warn_by_card(world: World, id: str) -> None:
    warn_of_fraud(world, id, "made_with_lost_card")


def warn_of_fraud(world: World, id: str, fraud_type: str) -> Record:
    """The card network suspects fraud and says so."""
    record = world.store.find(id)
    assert record is not None
    body = {
        "id": world.new_id("issfr"),
        "object": WARNING,
        "actionable": not (record.body["refunded"] or record.body["disputed"]),
        "charge": id,
        "created": world.now(),
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": record.body["payment_intent"],
    }
    warned = world.add(body, record.account)
    events.emit(world, "radar.early_fraud_warning.created", body, record.account)
    return warned


def settle_warnings(world: World, charge: Record) -> None:
    """Nothing is to be done about a warning once its charge is refunded or disputed."""
    if not (charge.body["refunded"] or charge.body["disputed"]):
        return
    for warned in list(world.store.all(WARNING, charge.account)):
        if warned.body["charge"] == charge.id and warned.body["actionable"]:
            body = world.store.edit(warned.id).body
            body["actionable"] = False
            events.emit(world, "radar.early_fraud_warning.updated", body, charge.account)


@route("GET", "/v1/radar/early_fraud_warnings")
def warnings(call: Call) -> Body:
    return lists.page(call, WARNING, "charge payment_intent")


@route("GET", "/v1/radar/early_fraud_warnings/{}")
def warning(call: Call) -> Body:
    return call.world.get(WARNING, call.id, call.account).body
