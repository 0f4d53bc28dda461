"""How a call leaves the process: never inside a transaction, its failure in our words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import stripe
from django.db import transaction

from integrations.stripe.answers import Answer
from integrations.stripe.errors import translated

P = ParamSpec("P")
R = TypeVar("R")
AnswerT = TypeVar("AnswerT", bound=Answer)


def outside(call: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run inside a transaction (RuntimeError) and translate the SDK's errors.

    A transaction that waits for a network keeps its locks and hides its rows from the webhook's answer.
    """

    @wraps(call)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            """Django's own check; an empty transaction says nothing to the database."""
        try:
            return call(*args, **kwargs)
        except stripe.StripeError as error:
            raise translated(error) from error

    return guarded
