"""Early fraud warnings: a card network suspects a payment. People decide whether to give it back in time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.audit import record
from integrations.stripe import answers
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import syncs
from payments.domain.disputes import payment_of
from payments.models import FraudWarning
from payments.states import FraudWarningState


@syncs("radar.early_fraud_warning")
def sync_fraud_warning(object_id: str, account: str = "", *, now: datetime) -> FraudWarning | None:
    """Read a warning at Stripe and follow it. None for a connected account's own.

    Raises:
        UnknownObjectError: of no payment of ours, or of none that is committed yet.
        GatewayError: Stripe cannot be asked.
    """
    return None if account else _apply(get_gateway().read_fraud_warning(object_id), now=now)


@transaction.atomic
def _apply(seen: answers.FraudWarning, *, now: datetime) -> FraudWarning:
    payment = payment_of(seen.payment_intent)
    warning, is_new = FraudWarning.objects.select_for_update(of=("self",)).get_or_create(
        stripe_id=seen.id,
        defaults={
            "order_id": payment.order_id,
            "payment": payment,
            "fraud_type": seen.fraud_type,
            "warned_at": seen.warned_at,
        },
    )
    if is_new:
        record("payment.suspected", warning, by=None, now=now, reason=seen.fraud_type)
    if not seen.actionable and warning.can_move_to(FraudWarningState.OVER):
        warning.move_to(FraudWarningState.OVER)
        warning.save(update_fields=["state"])
    return warning
