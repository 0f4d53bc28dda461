"""What can go wrong on the way to Stripe, in our words: refused, unknown, our own mistake, done before."""

from __future__ import annotations

import stripe

# Codes of refusals that mean: what was asked for is already so.
ALREADY_REFUNDED = "charge_already_refunded"
_DONE_CODES = frozenset({ALREADY_REFUNDED, "transfer_already_reversed", "account_already_exists"})
# A bank has the payment's money: nothing is given back until it has decided.
CHARGE_DISPUTED = "charge_disputed"
_CONFLICT, _TOO_MANY, _NOT_FOUND = 409, 429, 404


class GatewayError(Exception):
    """A call to Stripe did not give what was asked. ``code`` and ``request_id`` are Stripe's."""

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id

    def __str__(self) -> str:
        """One line for a row or a log; never a header, never a key."""
        parts = (type(self).__name__, self.code, self.message, self.request_id)
        return ": ".join(part for part in parts if part)


class DeclinedError(GatewayError):
    """A definitive no. Asking again with a new key may be answered differently."""


class MissingError(DeclinedError):
    """Stripe knows no such object."""


class AlreadyDoneError(DeclinedError):
    """A definitive no, because what was asked for is already so."""


class RetryableError(GatewayError):
    """The outcome is unknown (time-out, reset, 5xx, too many): ask again with the same key."""


class MisconfiguredError(GatewayError):
    """Our own mistake: a wrong key, a missing right, one key with two contents. Someone has to look."""


def translated(error: stripe.StripeError) -> GatewayError:
    """The same failure in our words."""
    message = error.user_message or type(error).__name__
    return _class_of(error)(message, code=error.code or "", request_id=error.request_id or "")


def _class_of(error: stripe.StripeError) -> type[GatewayError]:
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError, stripe.IdempotencyError)):
        # Two contents under one key: something may exist under it, so it is no refusal.
        return MisconfiguredError
    status = error.http_status
    if status is None or status >= 500 or status in (_CONFLICT, _TOO_MANY):  # noqa: PLR2004
        return RetryableError
    if error.code in _DONE_CODES:
        return AlreadyDoneError
    return MissingError if status == _NOT_FOUND else DeclinedError
