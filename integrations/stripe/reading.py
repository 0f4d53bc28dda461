"""Stripe's objects turned into our answers. Optional fields may be absent altogether: hence ``_get``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integrations.stripe.answers import (
    Balance,
    Bank,
    Checkout,
    Dispute,
    DisputeMovement,
    DisputeReply,
    FraudWarning,
    MissedEvent,
    Payout,
    PayoutLine,
    PayoutSchedule,
    Recipient,
    Refund,
    Reversal,
    Transfer,
)


def _get(obj: Any, *names: str) -> Any:
    """A field of a field; None as soon as one is absent, null, or an id instead of an object."""
    for name in names:
        obj = getattr(obj, name, None)
        if obj is None:
            return None
    return obj


def _id(value: Any) -> str:
    """The id of a field that is an id, an expanded object, or null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value.id)


def _instant(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def operation_of(obj: Any) -> str:
    """The key of the operation that made an object; empty when it was not ours."""
    metadata = _get(obj, "metadata")
    return str(_get(metadata, "operation") or "")


def checkout(session: Any) -> Checkout:
    intent = _get(session, "payment_intent")
    charge = _get(intent, "latest_charge")
    method = _get(charge, "payment_method_details")
    return Checkout(
        id=session.id,
        operation=operation_of(session),
        url=_get(session, "url") or "",
        status=session.status,
        payment_status=session.payment_status,
        amount=session.amount_total,
        tax=_get(session, "total_details", "amount_tax") or 0,
        currency=session.currency,
        expires_at=_instant(session.expires_at),
        payment_intent=_id(intent),
        intent_status=_get(intent, "status") or "",
        charge=_id(charge),
        card_brand=_get(method, "card", "brand") or _get(method, "type") or "",
        card_last4=_get(method, "card", "last4") or "",
        fee=_get(charge, "balance_transaction", "fee"),
    )


def refund(obj: Any) -> Refund:
    return Refund(
        id=obj.id,
        operation=operation_of(obj),
        amount=obj.amount,
        currency=obj.currency,
        status=obj.status,
        payment_intent=_id(_get(obj, "payment_intent")),
        failure=_get(obj, "failure_reason") or "",
    )


def dispute(obj: Any) -> Dispute:
    due_by = _get(obj, "evidence_details", "due_by")
    return Dispute(
        id=obj.id,
        operation=operation_of(obj),
        amount=obj.amount,
        currency=obj.currency,
        status=obj.status,
        reason=obj.reason,
        charge=_id(obj.charge),
        payment_intent=_id(_get(obj, "payment_intent")),
        opened_at=_instant(obj.created),
        due_at=_instant(due_by) if due_by else None,
        movements=[DisputeMovement(line.id, line.amount, line.fee) for line in obj.balance_transactions],
    )


def dispute_reply(obj: Any) -> DisputeReply:
    return DisputeReply(operation=operation_of(obj), dispute=obj.id, status=obj.status)


def fraud_warning(obj: Any) -> FraudWarning:
    return FraudWarning(
        id=obj.id,
        charge=_id(obj.charge),
        payment_intent=_id(_get(obj, "payment_intent")),
        fraud_type=obj.fraud_type,
        actionable=obj.actionable,
        warned_at=_instant(obj.created),
    )


def transfer(obj: Any) -> Transfer:
    return Transfer(
        id=obj.id,
        operation=operation_of(obj),
        amount=obj.amount,
        currency=obj.currency,
        reversed=obj.amount_reversed,
        destination=_id(obj.destination),
        destination_payment=_id(_get(obj, "destination_payment")),
        source_transaction=_id(_get(obj, "source_transaction")),
        transfer_group=_get(obj, "transfer_group") or "",
    )


def reversal(obj: Any) -> Reversal:
    return Reversal(
        id=obj.id,
        operation=operation_of(obj),
        amount=obj.amount,
        currency=obj.currency,
        transfer=_id(obj.transfer),
    )


def recipient(account: Any) -> Recipient:
    capabilities = _get(account, "configuration", "recipient", "capabilities")
    deadline = _get(account, "requirements", "summary", "minimum_deadline", "time")
    return Recipient(
        id=account.id,
        operation=operation_of(account),
        transfers=_get(capabilities, "stripe_balance", "stripe_transfers", "status") or "none",
        email=_get(account, "contact_email") or "",
        requirements=[entry.description for entry in _get(account, "requirements", "entries") or []],
        deadline=datetime.fromisoformat(deadline) if deadline else None,
        currency=_get(account, "defaults", "currency") or "",
    )


def payout_schedule(settings: Any) -> PayoutSchedule:
    payouts = settings.payments.payouts
    minimums = _get(payouts, "minimum_balance_by_currency")
    # Settings are one of their kind and have no id.
    return PayoutSchedule(
        id="",
        weekday=payouts.schedule.weekly_payout_days[0],
        minimums=minimums.to_dict() if minimums is not None else {},
    )


def bank(obj: Any) -> Bank:
    """A bank account, or a debit card, of which only the brand is a name."""
    name = _get(obj, "bank_name") or _get(obj, "brand") or "Account"
    return Bank(
        id=obj.id,
        label=f"{name} ending {obj.last4}",
        is_refused=_get(obj, "status") in ("errored", "verification_failed"),
    )


def payout(obj: Any, account: str) -> Payout:
    return Payout(
        id=obj.id,
        operation=operation_of(obj),
        account=account,
        bank=_id(_get(obj, "destination")),
        amount=obj.amount,
        currency=obj.currency,
        status=obj.status,
        arrives_at=_instant(obj.arrival_date),
        created_at=_instant(obj.created),
        automatic=obj.automatic,
        failure_code=_get(obj, "failure_code") or "",
        failure_message=_get(obj, "failure_message") or "",
    )


def payout_line(line: Any) -> PayoutLine:
    return PayoutLine(
        id=line.id,
        kind=line.type,
        amount=line.amount,
        fee=line.fee,
        currency=line.currency,
        source=_id(_get(line, "source")),
        transfer=_id(_get(line, "source", "source_transfer")),
        refunded=_id(_get(line, "source", "charge")),
    )


def balance(obj: Any) -> Balance:
    return Balance(available=_sums(obj.available), pending=_sums(obj.pending))


def _sums(funds: list[Any]) -> dict[str, int]:
    return {fund.currency: fund.amount for fund in funds}


def missed_event(event: Any) -> MissedEvent:
    obj = event.data.object
    return MissedEvent(
        id=event.id,
        type=event.type,
        object_type=_get(obj, "object") or "",
        object_id=_get(obj, "id") or "",
        account=_get(event, "account") or "",
        created_at=_instant(event.created),
    )
