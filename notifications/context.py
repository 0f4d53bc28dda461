"""The number beside the bell, on every page of a signed-in person: one query, counted by a partial index."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notifications.domain.inbox import unread_count


def unread(request: HttpRequest) -> dict[str, object]:
    # A request refused at the gate (a foreign host) has no person yet.
    person = getattr(request, "user", None)
    if not person or not person.is_authenticated:
        return {"unread_count": 0}
    return {"unread_count": SimpleLazyObject(lambda: unread_count(person))}
