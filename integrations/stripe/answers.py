"""What Stripe tells us, in our words. Amounts are minor units; currencies are lower-case codes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An object at Stripe. ``operation`` is the key of the operation that made it, empty when not ours."""

    id: str
    operation: str = ""

    def as_json(self) -> dict[str, Any]:
        """JSON values, for the row that remembers the answer."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True, kw_only=True)
class Checkout(Answer):
    """A Checkout Session: one page, one payment.

    ``status`` is open, complete or expired; ``payment_status`` paid, unpaid or no_payment_required.
    ``charge`` and ``fee`` (Stripe's own) are known some time after the payment; ``tax`` is in the amount.
    ``card_brand`` and ``card_last4`` come with the charge; another way to pay is named, without digits.
    """

    url: str = ""
    status: str
    payment_status: str
    amount: int
    tax: int = 0
    currency: str
    expires_at: datetime
    payment_intent: str = ""
    intent_status: str = ""
    charge: str = ""
    card_brand: str = ""
    card_last4: str = ""
    fee: int | None = None

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def is_over(self) -> bool:
        """It ended without a payment: expired, or a delayed payment failed after the page was completed."""
        has_failed = self.intent_status in ("requires_payment_method", "canceled")
        return self.status == "expired" or (self.status == "complete" and not self.is_paid and has_failed)

    @property
    def is_paid(self) -> bool:
        return self.payment_status == "paid"


@dataclass(frozen=True, kw_only=True)
class Refund(Answer):
    """``status`` is pending, requires_action, succeeded, failed or canceled."""

    amount: int
    currency: str
    status: str
    payment_intent: str
    failure: str = ""


@dataclass(frozen=True)
class DisputeMovement:
    """A balance transaction of a dispute: ``amount`` is negative when it took, ``fee`` when it gave back."""

    id: str
    amount: int
    fee: int


@dataclass(frozen=True, kw_only=True)
class Dispute(Answer):
    """A buyer went to his bank.

    ``status`` is needs_response, under_review, won or lost; warning_needs_response, warning_under_review or
    warning_closed for an inquiry, which takes no money; or prevented. Evidence is due by ``due_at``.
    """

    amount: int
    currency: str
    status: str
    reason: str
    charge: str
    payment_intent: str
    opened_at: datetime
    due_at: datetime | None = None
    movements: list[DisputeMovement] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DisputeReply(Answer):
    """What we told a bank about a dispute. It changes the dispute and makes nothing, so it has no id."""

    id: str = ""
    dispute: str
    status: str


@dataclass(frozen=True, kw_only=True)
class FraudWarning(Answer):
    """A card network suspects fraud. ``actionable`` until the payment is refunded or disputed."""

    charge: str
    payment_intent: str
    fraud_type: str
    actionable: bool
    warned_at: datetime


@dataclass(frozen=True, kw_only=True)
class Transfer(Answer):
    """Money moved to a connected account; ``reversed`` of ``amount`` came back."""

    amount: int
    currency: str
    reversed: int
    destination: str
    destination_payment: str = ""
    source_transaction: str = ""
    transfer_group: str = ""


@dataclass(frozen=True, kw_only=True)
class Reversal(Answer):
    """A part of a transfer that came back."""

    amount: int
    currency: str
    transfer: str


@dataclass(frozen=True, kw_only=True)
class Recipient(Answer):
    """A connected account.

    ``transfers`` is active, pending, restricted, rejected, unsupported or none; ``requirements`` are Stripe's
    machine-readable descriptions, ``deadline`` the earliest of them.
    """

    transfers: str
    email: str = ""
    requirements: list[str] = field(default_factory=list)
    deadline: datetime | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class PayoutSchedule(Answer):
    """When Stripe pays an account out by itself, and what it leaves there, minor units by currency."""

    weekday: str
    minimums: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bank:
    """The bank account that a connected account is paid out to. ``label`` is fit for its owner's eyes."""

    id: str
    label: str
    is_refused: bool


@dataclass(frozen=True, kw_only=True)
class Payout(Answer):
    """A payout to a coach's bank. ``status`` is pending, in_transit, paid, failed or canceled."""

    account: str
    bank: str = ""
    amount: int
    currency: str
    status: str
    arrives_at: datetime
    created_at: datetime
    automatic: bool
    failure_code: str = ""
    failure_message: str = ""


@dataclass(frozen=True, kw_only=True)
class PayoutLine(Answer):
    """A balance transaction inside a payout.

    ``source`` is the object that caused it, for example ``py_…``; ``transfer`` the platform's transfer behind
    that, where there is one; ``refunded`` the payment (``py_…``) that a reversal took from.
    """

    kind: str
    amount: int
    fee: int
    currency: str
    source: str = ""
    transfer: str = ""
    refunded: str = ""


@dataclass(frozen=True)
class Balance:
    """Minor units by currency."""

    available: dict[str, int]
    pending: dict[str, int]

    def total(self, currency: str) -> int:
        return self.available.get(currency, 0) + self.pending.get(currency, 0)


@dataclass(frozen=True)
class MissedEvent:
    """An event whose delivery did not succeed: enough to go and read the object."""

    id: str
    type: str
    object_type: str
    object_id: str
    account: str
    created_at: datetime
