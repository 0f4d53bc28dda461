"""The one door to Stripe, in our words. A write takes a ``key``: one key is one question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from integrations.stripe.answers import (
    Balance,
    Bank,
    Checkout,
    Dispute,
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


class Gateway(Protocol):
    """Calls leave the process: each refuses to run inside a transaction and raises a ``GatewayError``."""

    def create_checkout(
        self,
        *,
        key: str,
        reference: str,
        title: str,
        amount: int,
        currency: str,
        email: str,
        success_url: str,
        cancel_url: str,
        expires_at: str,
        transfer_group: str,
        metadata: Mapping[str, str],
        automatic_tax: bool = False,
    ) -> Checkout:
        """A page where ``amount`` can be paid until ``expires_at`` (ISO, 30 minutes to 24 hours ahead).

        With ``automatic_tax`` Stripe says what of the amount is tax, where the buyer is.
        """
        ...

    def expire_checkout(self, checkout_id: str) -> Checkout:
        """Close an open session; ``DeclinedError`` when it is not open."""
        ...

    def read_checkout(self, checkout_id: str) -> Checkout: ...

    def find_checkout(self, *, key: str, made_after: datetime) -> Checkout | None:
        """The session that the operation ``key`` made, if it did."""
        ...

    def refund(self, *, key: str, payment_intent: str, amount: int, metadata: Mapping[str, str]) -> Refund:
        """Give back ``amount`` of a payment."""
        ...

    def read_refund(self, refund_id: str) -> Refund: ...

    def find_refund(self, *, key: str, payment_intent: str) -> Refund | None: ...

    def read_dispute(self, dispute_id: str) -> Dispute: ...

    def list_disputes(self, *, made_after: datetime) -> list[Dispute]: ...

    def submit_evidence(self, *, key: str, dispute: str, evidence: Mapping[str, str]) -> DisputeReply:
        """Tell the bank our side, once and for all; ``evidence`` by Stripe's own names."""
        ...

    def accept_dispute(self, *, key: str, dispute: str) -> DisputeReply:
        """Tell the bank that we do not contest: the dispute is lost at once."""
        ...

    def find_evidence(self, *, key: str, dispute: str) -> DisputeReply | None: ...

    def read_fraud_warning(self, warning_id: str) -> FraudWarning: ...

    def transfer(
        self,
        *,
        key: str,
        destination: str,
        amount: int,
        currency: str,
        transfer_group: str,
        source_transaction: str,
        metadata: Mapping[str, str],
    ) -> Transfer:
        """Move ``amount`` to a connected account; with a ``source_transaction`` out of that charge."""
        ...

    def read_transfer(self, transfer_id: str) -> Transfer: ...

    def search_by_transfer_group(self, transfer_group: str) -> list[Transfer]: ...

    def reverse_transfer(
        self, *, key: str, transfer: str, amount: int, metadata: Mapping[str, str]
    ) -> Reversal:
        """Take back ``amount``, in the transfer's own currency."""
        ...

    def find_reversal(self, *, key: str, transfer: str) -> Reversal | None: ...

    def create_recipient(
        self, *, key: str, email: str, name: str, country: str, currency: str, metadata: Mapping[str, str]
    ) -> Recipient:
        """A connected account that may receive transfers once Stripe knows enough about its owner."""
        ...

    def find_recipient(self, *, key: str) -> Recipient | None: ...

    def read_recipient(self, account: str) -> Recipient: ...

    def onboarding_link(self, *, account: str, return_url: str, refresh_url: str) -> str:
        """An address of Stripe's, good for one visit within minutes."""
        ...

    def dashboard_link(self, account: str) -> str:
        """An address of Stripe's where a payee sees his account and changes his bank, good for one visit."""
        ...

    def set_payout_schedule(
        self, *, key: str, account: str, weekday: str, minimums: Mapping[str, int]
    ) -> PayoutSchedule:
        """Pay an account out once a week, and leave so much there by currency. Twice is once."""
        ...

    def read_bank(self, account: str) -> Bank | None:
        """Where an account is paid out to; None where nothing is named yet."""
        ...

    def read_payout(self, payout_id: str, account: str) -> Payout: ...

    def payout_lines(self, payout_id: str, account: str) -> list[PayoutLine]:
        """What is in a payout, the payout's own line left out."""
        ...

    def list_payouts(self, account: str) -> list[Payout]: ...

    def balance(self, account: str | None = None) -> Balance:
        """Of a connected account, or of the platform."""
        ...

    def missed_events(self, *, made_after: datetime) -> list[MissedEvent]:
        """Events of the platform whose delivery did not succeed."""
        ...


def get_gateway() -> Gateway:
    """The gateway of this installation."""
    from integrations.stripe.stripe_gateway import StripeGateway  # noqa: PLC0415  (it implements what is declared here)

    return StripeGateway()
