"""How the desk answers: what was done or refused is said on the page one comes back to."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest

from core.errors import DomainError, NotFoundError
from payments.domain.second_person import SecondPersonNeededError


def say(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do something and say so, or say why not; answers whether it was done.

    What waits for a second person is news, not a fault.

    Raises:
        Http404: there is nothing to do it to.
    """
    try:
        act()
    except NotFoundError as error:
        raise Http404 from error
    except SecondPersonNeededError as needed:
        messages.warning(request, needed.message)
        return True
    except DomainError as refusal:
        messages.error(request, _complaint(refusal))
        return False
    messages.success(request, done)
    return True


def _complaint(refusal: DomainError) -> str:
    """The first complaint about a field says more than the head of them all."""
    fields = refusal.extra.get("fields", {})
    return next((str(complaints[0]) for complaints in fields.values()), refusal.message)
