"""What we ask Stripe to tell us: as few kinds as the syncs need, each in its thin form only."""

from __future__ import annotations

SUBSCRIBED = (
    "v1.checkout.session.completed",
    "v1.checkout.session.expired",
    "v1.checkout.session.async_payment_succeeded",
    "v1.checkout.session.async_payment_failed",
    "v1.refund.created",
    "v1.refund.updated",
    "v1.refund.failed",
    "v1.charge.dispute.created",
    "v1.charge.dispute.updated",
    "v1.charge.dispute.closed",
    "v1.charge.dispute.funds_withdrawn",
    "v1.charge.dispute.funds_reinstated",
    "v1.radar.early_fraud_warning.created",
    "v1.radar.early_fraud_warning.updated",
    "v1.payout.created",
    "v1.payout.updated",
    "v1.payout.paid",
    "v1.payout.failed",
    "v1.payout.canceled",
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account[requirements].updated",
)

# Payouts happen on the connected accounts, everything else on ours.
SOURCES = ("@self", "@accounts")
