"""What the API says when it does not do what was asked: Stripe's envelope, its types and codes."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


class ApiError(Exception):
    """A refusal.

    `executed`: the endpoint had begun, so v1 keeps the answer under the idempotency key. `keep`: what was
    written on the way (a failed charge, its events) stays written.
    """

    status = 400
    type = "invalid_request_error"
    executed = True

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        param: str = "",
        status: int = 0,
        keep: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status or self.status
        self.keep = keep
        self.more = more

    def body(self) -> Body:
        error: Body = {"type": self.type, "message": self.message}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error | self.more}


class Invalid(ApiError):
    """The parameters fail validation; nothing ran and nothing is kept under the idempotency key."""

    executed = False


class Refused(ApiError):
    """The endpoint ran and the state of things forbids it."""


class Missing(ApiError):
    status = 404

    def __init__(self, kind: str, id: str, param: str = "id") -> None:
        super().__init__(f"No such {kind}: '{id}'", code="resource_missing", param=param)


class UnknownPath(ApiError):
    status = 404
    executed = False

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"Unrecognized request URL ({method}: {path}).")


class Unbuilt(ApiError):
    status = 501
    type = "api_error"
    executed = False

    def __init__(self, name: str) -> None:
        super().__init__(f"The emulator knows {name} but has not built it.", code="not_implemented")


class Unauthenticated(ApiError):
    status = 401
    executed = False


class Forbidden(ApiError):
    status = 403
    executed = False


class IdempotencyMismatch(ApiError):
    type = "idempotency_error"
    executed = False


class KeyInUse(ApiError):
    status = 409
    type = "idempotency_error"
    executed = False


class RateLimited(ApiError):
    status = 429
    executed = False


class Broken(ApiError):
    status = 500
    type = "api_error"


class CardDeclined(ApiError):
    status = 402
    type = "card_error"


class CardInvalid(CardDeclined):
    """What the form itself gets wrong: number, expiry, security code."""


def missing_param(param: str) -> Invalid:
    return Invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
