"""Questions about connected calendars."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from core.errors import NotFoundError
from scheduling.models import ConnectedCalendar

if TYPE_CHECKING:
    from accounts.models import User

LARGEST_ID = 2**63 - 1


def calendars_of(person: User) -> QuerySet[ConnectedCalendar]:
    """A person's connected calendars, the oldest first."""
    return ConnectedCalendar.objects.filter(owner=person).order_by("connected_at", "pk")


def calendars_with_state(person: User, now: datetime) -> QuerySet[ConnectedCalendar]:
    """The same with ``is_stale_now`` and ``busy_ahead``, how many busy times are still to come. One query."""
    ahead = Q(busy_times__period__endswith__gt=now)
    stale = Q(stale_at__isnull=True) | Q(stale_at__lt=now)
    return calendars_of(person).annotate(
        is_stale_now=ExpressionWrapper(stale, BooleanField()), busy_ahead=Count("busy_times", filter=ahead)
    )


def calendar_of(person: User, calendar_id: int) -> ConnectedCalendar:
    """One of a person's connected calendars.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    found = calendars_of(person).filter(pk=calendar_id).first() if calendar_id <= LARGEST_ID else None
    if found is None:
        raise NotFoundError
    return found
