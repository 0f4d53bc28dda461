"""The writes we know: how each is sent, and how its result is found when the answer got lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.stripe.answers import Answer
from integrations.stripe.errors import MisconfiguredError
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

    ``find`` looks for what an operation with this key made. Where money leaves, and for the account it goes
    to, that is asked before anything is sent (``looks_first``): a database that was restored plans
    yesterday's work again as if it were new, and Stripe may have forgotten yesterday's keys. ``concerns`` is
    the field by which the object is this operation's and not that of a namesake which a restored database has
    forgotten.
    """

    send: str
    find: Callable[[Gateway, StripeOperation], Answer | None]
    concerns: str = ""
    looks_first: bool = False

    def call(self, gateway: Gateway, operation: StripeOperation) -> Answer:
        answer: Answer = getattr(gateway, self.send)(key=operation.key, **operation.parameters)
        return answer

    def look(self, gateway: Gateway, operation: StripeOperation) -> Answer | None:
        """What the operation made, if it did.

        Raises:
            MisconfiguredError: something else was made under its key.
        """
        answer = self.find(gateway, operation)
        return answer if answer is not None and self.is_of(operation, answer) else None

    def is_of(self, operation: StripeOperation, answer: Answer) -> bool:
        """Whether this object, which names the operation's key, is the operation's.

        Raises:
            MisconfiguredError: it is, but of another amount than was asked for.
        """
        wanted = operation.parameters
        if self.concerns and getattr(answer, self.concerns) != wanted[self.concerns]:
            return False
        if self.looks_first and getattr(answer, "amount", None) != wanted.get("amount"):
            raise MisconfiguredError(f"{answer.id} was made under {operation.key}, of another amount.")
        return True


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
        concerns="payment_intent",
        looks_first=True,
    ),
    TRANSFER: Kind("transfer", _find_transfer, concerns="destination", looks_first=True),
    REVERSAL: Kind(
        "reverse_transfer",
        lambda gateway, operation: gateway.find_reversal(
            key=operation.key, transfer=operation.parameters["transfer"]
        ),
        concerns="transfer",
        looks_first=True,
    ),
    RECIPIENT: Kind(
        "create_recipient",
        lambda gateway, operation: gateway.find_recipient(key=operation.key),
        concerns="email",
        looks_first=True,
    ),
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
