"""The gateway, spoken through the SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import cast

import stripe

from integrations.stripe import reading
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
from integrations.stripe.calls import AnswerT, outside
from integrations.stripe.client import client

# A booking is confirmed or not: methods that tell days later are not offered.
DELAYED_METHODS = [
    "acss_debit", "au_becs_debit", "bacs_debit", "boleto", "customer_balance", "konbini", "multibanco",
    "nz_bank_account", "oxxo", "payto", "sepa_debit", "sofort", "us_bank_account",
]  # fmt: skip
# The charge and Stripe's fee come with the session they belong to.
_PAYMENT = "payment_intent.latest_charge.balance_transaction"
_PAGE = 100
_MOST = 1_000


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())


def _by(key: str, answers: Iterable[AnswerT]) -> AnswerT | None:
    return next((answer for answer in answers if answer.operation == key), None)


class StripeGateway:
    """Implements ``gateway.Gateway``."""

    @outside
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
        tags = {**metadata, "operation": key}
        session = client().v1.checkout.sessions.create(
            {
                "mode": "payment",
                "client_reference_id": reference,
                "customer_email": email,
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": currency,
                            "unit_amount": amount,
                            "product_data": {"name": title},
                            "tax_behavior": "inclusive" if automatic_tax else "unspecified",
                        },
                    }
                ],
                "automatic_tax": {"enabled": automatic_tax},
                "excluded_payment_method_types": DELAYED_METHODS,
                "payment_intent_data": {"transfer_group": transfer_group, "metadata": tags},
                "expires_at": _epoch(datetime.fromisoformat(expires_at)),
                "success_url": success_url,
                "cancel_url": cancel_url,
                "metadata": tags,
            },
            {"idempotency_key": key},
        )
        return reading.checkout(session)

    @outside
    def expire_checkout(self, checkout_id: str) -> Checkout:
        return reading.checkout(client().v1.checkout.sessions.expire(checkout_id))

    @outside
    def read_checkout(self, checkout_id: str) -> Checkout:
        return reading.checkout(client().v1.checkout.sessions.retrieve(checkout_id, {"expand": [_PAYMENT]}))

    @outside
    def find_checkout(self, *, key: str, made_after: datetime) -> Checkout | None:
        sessions = client().v1.checkout.sessions.list(
            {"created": {"gte": _epoch(made_after)}, "limit": _PAGE}
        )
        return _by(key, (reading.checkout(session) for session in sessions.auto_paging_iter()))

    @outside
    def refund(self, *, key: str, payment_intent: str, amount: int, metadata: Mapping[str, str]) -> Refund:
        refund = client().v1.refunds.create(
            {"payment_intent": payment_intent, "amount": amount, "metadata": {**metadata, "operation": key}},
            {"idempotency_key": key},
        )
        return reading.refund(refund)

    @outside
    def read_refund(self, refund_id: str) -> Refund:
        return reading.refund(client().v1.refunds.retrieve(refund_id))

    @outside
    def find_refund(self, *, key: str, payment_intent: str) -> Refund | None:
        refunds = client().v1.refunds.list({"payment_intent": payment_intent, "limit": _PAGE})
        return _by(key, (reading.refund(refund) for refund in refunds.auto_paging_iter()))

    @outside
    def read_dispute(self, dispute_id: str) -> Dispute:
        return reading.dispute(client().v1.disputes.retrieve(dispute_id))

    @outside
    def list_disputes(self, *, made_after: datetime) -> list[Dispute]:
        disputes = client().v1.disputes.list({"created": {"gte": _epoch(made_after)}, "limit": _PAGE})
        return [reading.dispute(dispute) for dispute in disputes.auto_paging_iter()]

    @outside
    def submit_evidence(self, *, key: str, dispute: str, evidence: Mapping[str, str]) -> DisputeReply:
        params: stripe.params.DisputeUpdateParams = {
            "evidence": cast("stripe.params.DisputeUpdateParamsEvidence", dict(evidence)),
            "metadata": {"operation": key},
            "submit": True,
        }
        return reading.dispute_reply(client().v1.disputes.update(dispute, params, {"idempotency_key": key}))

    @outside
    def accept_dispute(self, *, key: str, dispute: str) -> DisputeReply:
        return reading.dispute_reply(client().v1.disputes.close(dispute, {}, {"idempotency_key": key}))

    @outside
    def find_evidence(self, *, key: str, dispute: str) -> DisputeReply | None:
        return _by(key, [reading.dispute_reply(client().v1.disputes.retrieve(dispute))])

    @outside
    def read_fraud_warning(self, warning_id: str) -> FraudWarning:
        return reading.fraud_warning(client().v1.radar.early_fraud_warnings.retrieve(warning_id))

    @outside
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
        params: stripe.params.TransferCreateParams = {
            "destination": destination,
            "amount": amount,
            "currency": currency,
            "transfer_group": transfer_group,
            "metadata": {**metadata, "operation": key},
        }
        if source_transaction:
            params["source_transaction"] = source_transaction
        return reading.transfer(client().v1.transfers.create(params, {"idempotency_key": key}))

    @outside
    def read_transfer(self, transfer_id: str) -> Transfer:
        return reading.transfer(client().v1.transfers.retrieve(transfer_id))

    @outside
    def search_by_transfer_group(self, transfer_group: str) -> list[Transfer]:
        transfers = client().v1.transfers.list({"transfer_group": transfer_group, "limit": _PAGE})
        return [reading.transfer(transfer) for transfer in transfers.auto_paging_iter()]

    @outside
    def reverse_transfer(
        self, *, key: str, transfer: str, amount: int, metadata: Mapping[str, str]
    ) -> Reversal:
        reversal = client().v1.transfers.reversals.create(
            transfer, {"amount": amount, "metadata": {**metadata, "operation": key}}, {"idempotency_key": key}
        )
        return reading.reversal(reversal)

    @outside
    def find_reversal(self, *, key: str, transfer: str) -> Reversal | None:
        reversals = client().v1.transfers.reversals.list(transfer, {"limit": _PAGE})
        return _by(key, (reading.reversal(reversal) for reversal in reversals.auto_paging_iter()))

    @outside
    def create_recipient(
        self, *, key: str, email: str, name: str, country: str, currency: str, metadata: Mapping[str, str]
    ) -> Recipient:
        account = client().v2.core.accounts.create(
            {
                "contact_email": email,
                "display_name": name,
                "dashboard": "express",
                "identity": {"country": country, "entity_type": "individual"},
                "configuration": {
                    "recipient": {
                        "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}
                    }
                },
                # The platform pays Stripe's fees and bears losses: separate charges and transfers.
                "defaults": {
                    "currency": currency,
                    "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
                },
                "include": ["configuration.recipient", "requirements", "defaults"],
                "metadata": {**metadata, "operation": key},
            },
            {"idempotency_key": key},
        )
        return reading.recipient(account)

    @outside
    def find_recipient(self, *, key: str) -> Recipient | None:
        accounts = client().v2.core.accounts.list({"applied_configurations": ["recipient"], "limit": _PAGE})
        found = (account for account in accounts.auto_paging_iter() if reading.operation_of(account) == key)
        account = next(found, None)
        return None if account is None else self.read_recipient(account.id)

    @outside
    def read_recipient(self, account: str) -> Recipient:
        return reading.recipient(
            client().v2.core.accounts.retrieve(
                account, {"include": ["configuration.recipient", "requirements", "defaults"]}
            )
        )

    @outside
    def onboarding_link(self, *, account: str, return_url: str, refresh_url: str) -> str:
        link = client().v2.core.account_links.create(
            {
                "account": account,
                "use_case": {
                    "type": "account_onboarding",
                    "account_onboarding": {"return_url": return_url, "refresh_url": refresh_url},
                },
            }
        )
        return link.url

    @outside
    def dashboard_link(self, account: str) -> str:
        return client().v1.accounts.login_links.create(account).url

    @outside
    def set_payout_schedule(
        self, *, key: str, account: str, weekday: str, minimums: Mapping[str, int]
    ) -> PayoutSchedule:
        payouts: stripe.params.BalanceSettingsUpdateParamsPaymentsPayouts = {
            "schedule": {"interval": "weekly", "weekly_payout_days": [weekday]},
            "minimum_balance_by_currency": dict(minimums) or "",
        }
        settings = client().v1.balance_settings.update(
            {"payments": {"payouts": payouts}}, {"stripe_account": account, "idempotency_key": key}
        )
        return reading.payout_schedule(settings)

    @outside
    def read_bank(self, account: str) -> Bank | None:
        found = client().v1.accounts.external_accounts.list(account, {"limit": _PAGE})
        return next((reading.bank(each) for each in found.data if each.default_for_currency), None)

    @outside
    def read_payout(self, payout_id: str, account: str) -> Payout:
        payout = client().v1.payouts.retrieve(payout_id, options={"stripe_account": account})
        return reading.payout(payout, account)

    @outside
    def payout_lines(self, payout_id: str, account: str) -> list[PayoutLine]:
        lines = client().v1.balance_transactions.list(
            {"payout": payout_id, "limit": _PAGE, "expand": ["data.source"]},
            {"stripe_account": account},
        )
        found = [reading.payout_line(line) for line in lines.auto_paging_iter()]
        # With the payout itself; another one in it was made by hand, out of the same money.
        return [line for line in found if line.source != payout_id]

    @outside
    def list_payouts(self, account: str) -> list[Payout]:
        payouts = client().v1.payouts.list({"limit": _PAGE}, {"stripe_account": account})
        return [reading.payout(payout, account) for payout in payouts.auto_paging_iter()]

    @outside
    def balance(self, account: str | None = None) -> Balance:
        options: stripe.RequestOptions = {"stripe_account": account} if account else {}
        return reading.balance(client().v1.balance.retrieve(options=options))

    @outside
    def missed_events(self, *, made_after: datetime) -> list[MissedEvent]:
        events = client().v1.events.list(
            {"delivery_success": False, "created": {"gte": _epoch(made_after)}, "limit": _PAGE}
        )
        return [reading.missed_event(event) for event in islice(events.auto_paging_iter(), _MOST)]
