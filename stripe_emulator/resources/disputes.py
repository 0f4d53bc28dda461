"""Disputes: inquiries and chargebacks, with the money they take and give back."""

from __future__ import annotations

from stripe_emulator import agenda, balance, events, lists
from stripe_emulator.errors import Refused
from stripe_emulator.money import step
from stripe_emulator.resources import charges, refunds
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "dispute"
FEE = 1500
ANSWER_WITHIN = 7 * 24 * 3600
EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation duplicate_charge_explanation "
    "duplicate_charge_id product_description receipt refund_policy refund_policy_disclosure "
    "refund_refusal_explanation service_date service_documentation shipping_address shipping_carrier "
    "shipping_date shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text"
)
NETWORK_REASONS = {"fraudulent": "10.4", "product_not_received": "13.1"}
INQUIRY = ("warning_needs_response", "warning_under_review")
OPEN = ("needs_response", "under_review", *INQUIRY)


@route("GET", "/v1/disputes")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "charge payment_intent")


@route("GET", "/v1/disputes/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/disputes/{}")
def update(call: Call) -> Body:
    """Evidence, submitted unless ``submit`` is false. Stripe's test words decide: see `decide`."""
    call.built("evidence metadata submit")
    world = call.world
    record = world.store.edit(world.get(KIND, call.id, call.account).id)
    record.body["metadata"] = merged_metadata(record.body["metadata"], call.params.get("metadata"))
    evidence = call.params.get("evidence", {})
    if evidence and record.body["status"] not in ("needs_response", "warning_needs_response"):
        raise Refused("This dispute does not take evidence any more.")
    record.body["evidence"] |= evidence
    details = record.body["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if evidence and call.params.get("submit", True):
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        _submit(world, record)
    else:
        events.emit(world, "charge.dispute.updated", record.body, record.account)
    return record.body


@route("POST", "/v1/disputes/{}/close")
def close(call: Call) -> Body:
    """Give up: a chargeback is lost, an inquiry closed."""
    return decide(call.world, call.world.get(KIND, call.id, call.account).id, "lost").body


def open_dispute(
    world: World, charge_id: str, reason: str, *, inquiry: bool = False, amount: int = 0
) -> Record:
    """A customer goes to his bank. A chargeback takes what is left of the charge, and the fee, at once."""
    charge = world.store.edit(charge_id)
    if charge.body["status"] != "succeeded" or not charge.body["captured"]:
        raise Refused(f"Charge {charge_id} was not paid.")
    body = _body(world, charge, reason, amount)
    body["status"] = "warning_needs_response" if inquiry else "needs_response"
    body["payment_method_details"]["card"]["case_type"] = "inquiry" if inquiry else "chargeback"
    record = world.add(body, charge.account)
    charge.body["disputed"] = True
    charges.settle_warnings(world, charge)
    agenda.plan(world, "dispute_times_out", record.id, world.now() + ANSWER_WITHIN)
    events.emit(world, "charge.dispute.created", body, charge.account)
    if not inquiry:
        _withdraw(world, record)
    return record


def _body(world: World, charge: Record, reason: str, amount: int) -> Body:
    left = charge.body["amount_captured"] - charge.body["amount_refunded"]
    network_reason = NETWORK_REASONS.get(reason, "13.5")
    brand = charge.body["payment_method_details"]["card"]["brand"]
    return {
        "id": world.new_id("du"),
        "object": KIND,
        "amount": amount or left or charge.body["amount_captured"],
        "balance_transactions": [],
        "charge": charge.id,
        "created": world.now(),
        "currency": charge.body["currency"],
        "enhanced_eligibility_types": [],
        "evidence": blank(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now() + ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": True,
        "livemode": False,
        "metadata": {},
        "network_reason_code": network_reason,
        "payment_intent": charge.body["payment_intent"],
        "payment_method_details": {
            "card": {"brand": brand, "network": brand, "network_reason_code": network_reason},
            "type": "card",
        },
        "reason": reason,
    }


def _withdraw(world: World, record: Record) -> None:
    _book(world, record, -record.body["amount"], FEE, "dispute")
    record.body["is_charge_refundable"] = False
    events.emit(world, "charge.dispute.funds_withdrawn", record.body, record.account)


def _book(world: World, record: Record, amount: int, fee: int, category: str) -> None:
    booked = balance.book(
        world,
        record.account,
        "adjustment",
        amount,
        record.body["currency"],
        source=record.id,
        fee=fee,
        fee_description="Dispute fee",
        category=category,
        description=f"Chargeback for {record.body['charge']}",
    )
    record.body["balance_transactions"].append(booked.body)


def _submit(world: World, record: Record) -> None:
    text = record.body["evidence"]["uncategorized_text"]
    inquiry = record.body["status"].startswith("warning_")
    record.body["status"] = "warning_under_review" if inquiry else "under_review"
    events.emit(world, "charge.dispute.updated", record.body, record.account)
    if text == "winning_evidence":
        decide(world, record.id, "won")
    elif text == "losing_evidence":
        decide(world, record.id, "lost")
    elif text == "escalate_inquiry_evidence" and inquiry:
        escalate(world, record.id)


def decide(world: World, id: str, outcome: str) -> Record:
    """The bank's verdict, ``won`` or ``lost``; a won chargeback brings back the amount and the fee."""
    record = world.store.edit(id)
    if record.body["status"] not in OPEN:
        raise Refused(f"This dispute is closed: {record.body['status']}.")
    agenda.cancel(world, "dispute_times_out", id)
    inquiry = record.body["status"].startswith("warning_")
    record.body["status"] = "warning_closed" if inquiry else outcome
    if not inquiry and outcome == "won":
        _book(world, record, record.body["amount"], -FEE, "dispute_reversal")
        record.body["is_charge_refundable"] = not charges.charged_back(world, record.body["charge"])
        events.emit(world, "charge.dispute.funds_reinstated", record.body, record.account)
    events.emit(world, "charge.dispute.closed", record.body, record.account)
    if outcome == "won":
        refunds.retry_waiting(world, record.account)
    return record


def escalate(world: World, id: str) -> Record:
    """An inquiry becomes a chargeback, with time of its own to answer."""
    record = world.store.edit(id)
    if record.body["status"] not in INQUIRY:
        raise Refused(f"Only an open inquiry can become a chargeback, not what is {record.body['status']}.")
    record.body["status"] = "needs_response"
    record.body["payment_method_details"]["card"]["case_type"] = "chargeback"
    record.body["evidence_details"]["due_by"] = world.now() + ANSWER_WITHIN
    agenda.plan(world, "dispute_times_out", id, world.now() + ANSWER_WITHIN)
    _withdraw(world, record)
    events.emit(world, "charge.dispute.updated", record.body, record.account)
    return record


@agenda.job("open_disputes")
def open_for_card(world: World, charge_id: str) -> None:
    """Test cards that are disputed as soon as they have paid."""
    charge = world.store.find(charge_id)
    assert charge is not None
    card = charges.card_of(world, charge)
    part = charge.body["amount"] // card.disputes
    amount = part - part % step(charge.body["currency"])
    for _ in range(card.disputes):
        open_dispute(world, charge_id, card.dispute, inquiry=card.inquiry, amount=amount)


@agenda.job("dispute_times_out")
def time_out(world: World, id: str) -> None:
    """Nobody answered in time."""
    record = world.store.edit(id)
    if record.body["status"] in ("needs_response", "warning_needs_response"):
        record.body["evidence_details"]["past_due"] = True
        decide(world, id, "lost")
