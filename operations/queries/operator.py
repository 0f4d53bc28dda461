"""Who works for operations: staff who signed in with a second factor."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User
from accounts.queries import person_of, used_second_factor
from core.errors import ForbiddenError, NotFoundError


class SecondFactorError(ForbiddenError):
    """Staff, but this sign-in was by password alone."""

    code = "second_factor_needed"
    message = "Sign in with your second factor. Without one, set it up in your account first."


def operator_of(request: HttpRequest | Request) -> User:
    """The signed-in person, if this desk is hers.

    Raises:
        NotFoundError: not staff; for everybody else there is no such desk.
        SecondFactorError: no second factor.
    """
    person = person_of(request)
    if not person.is_staff:
        raise NotFoundError
    if not used_second_factor(request):
        raise SecondFactorError
    return person
