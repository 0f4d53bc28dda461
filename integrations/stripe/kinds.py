"""The writes we know: how each is sent, and how its result is found when the answer got lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.stripe.answers import Answer
from integrations.stripe.gateway import Gateway
from integrations.stripe.models import StripeOperation

CHECKOUT, REFUND, TRANSFER, REVERSAL, RECIPIENT = "checkout", "refund", "transfer", "reversal", "recipient"
PAYOUT_SCHEDULE = "payout_schedule"
EVIDENCE, ACCEPTANCE = "dispute_evidence", "dispute_acceptance"
# Two clocks, ours and Stripe's, never agree to the second.
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Kind:
    """``send`` names the gateway's method, called with the frozen parameters and the key.

    ``find`` looks for what an operation with this key made; only asked when the key itself is forgotten.
    """

    send: str
    find: Callable[[Gateway, StripeOperation], Answer | None]

    def call(self, gateway: Gateway, operation: StripeOperation) -> Answer:
        answer: Answer = getattr(gateway, self.send)(key=operation.key, **operation.parameters)
        return answer


def _find_transfer(gateway: Gateway, operation: StripeOperation) -> Answer | None:
    group: Any = operation.parameters["transfer_group"]
    made = gateway.search_by_transfer_group(group)
    return next((transfer for transfer in made if transfer.operation == operation.key), None)


KINDS: dict[str, Kind] = {
    CHECKOUT: Kind(
        "create_checkout",
        lambda gateway, operation: gateway.find_checkout(
            key=operation.key, made_after=operation.planned_at - _SKEW
        ),
    ),
    REFUND: Kind(
        "refund",
        lambda gateway, operation: gateway.find_refund(
            key=operation.key, payment_intent=operation.parameters["payment_intent"]
        ),
    ),
    TRANSFER: Kind("transfer", _find_transfer),
    REVERSAL: Kind(
        "reverse_transfer",
        lambda gateway, operation: gateway.find_reversal(
            key=operation.key, transfer=operation.parameters["transfer"]
        ),
    ),
    RECIPIENT: Kind("create_recipient", lambda gateway, operation: gateway.find_recipient(key=operation.key)),
    # Setting it once more sets the same: nothing has to be found.
    PAYOUT_SCHEDULE: Kind("set_payout_schedule", lambda _gateway, _operation: None),
    EVIDENCE: Kind(
        "submit_evidence",
        lambda gateway, operation: gateway.find_evidence(
            key=operation.key, dispute=operation.parameters["dispute"]
        ),
    ),
    # What was accepted before is refused: the dispute itself says that it is lost.
    ACCEPTANCE: Kind("accept_dispute", lambda _gateway, _operation: None),
}
