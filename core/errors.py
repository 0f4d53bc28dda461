"""A refusal is a class. It carries a code, a sentence for people and an HTTP status."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A request that the rules refuse. Shown to people, so it says what to do next.

    ``extra`` is merged into the API's error envelope (``alternatives``, ``reason``, …).
    """

    code = "refused"
    status = 409
    message = "This is not possible right now."

    def __init__(self, message: str | None = None, **extra: Any) -> None:
        self.message = message or self.message
        self.extra = extra
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """The body of an error answer (api.md, head)."""
        return {"error": {"code": self.code, "message": self.message, **self.extra}}


class InvalidError(DomainError):
    """The request is malformed; ``fields`` maps a field's name to its complaints."""

    code = "invalid"
    status = 400
    message = "Some of this could not be understood."

    def __init__(self, message: str | None = None, *, fields: dict[str, Any] | None = None) -> None:
        super().__init__(message, **({"fields": fields} if fields else {}))


class NotFoundError(DomainError):
    """It does not exist, or not for this person: both look the same from outside."""

    code = "not_found"
    status = 404
    message = "There is nothing here."


class ForbiddenError(DomainError):
    """The person is known, the object is theirs to see, the act is not theirs to do."""

    code = "forbidden"
    status = 403
    message = "You may not do this."


class IllegalTransitionError(DomainError):
    """A state machine was asked for an arrow it does not have."""

    code = "illegal_state"

    def __init__(self, row: Any, target: str) -> None:
        super().__init__(f"This is {row.state} and cannot become {target}.", state=row.state)
