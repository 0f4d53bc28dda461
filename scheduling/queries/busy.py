"""When connected calendars say that somebody is busy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, Q

from scheduling.models import BusyTime, ConnectedCalendar
from scheduling.queries.minutes import Lower, Upper

if TYPE_CHECKING:
    from accounts.models import User

INSTANT: DateTimeField[datetime, datetime] = DateTimeField()


def busy_of(person: User, from_at: datetime, to_at: datetime) -> list[tuple[datetime, datetime]]:
    """The person's busy times that overlap ``[from_at, to_at)``, in order, joined where they meet.

    Half-open, aware, in UTC, and not cut to what was asked. One query.
    """
    busy = BusyTime.objects.between(person.pk, from_at, to_at)
    return joined(
        busy.values_list(Lower(F("period"), output_field=INSTANT), Upper(F("period"), output_field=INSTANT))
    )


def is_busy(person_id: int, period: DateTimeTZRange) -> bool:
    """Whether some connected calendar has something else in the period."""
    return BusyTime.objects.between(person_id, period.lower, period.upper).exists()


def busy_calendar(person_id: int, from_at: datetime, to_at: datetime) -> str:
    """The name of the connected calendar whose busy time comes first between the instants; empty: none."""
    busy = BusyTime.objects.between(person_id, from_at, to_at).order_by("period", "pk")
    return busy.values_list("calendar__name", flat=True).first() or ""


def unread_calendar(person_id: int, now: datetime) -> str:
    """The name of a connected calendar that is stale, or else of the one that was read least far ahead."""
    calendars = ConnectedCalendar.objects.filter(owner_id=person_id)
    stale_first = calendars.annotate(fresh=ExpressionWrapper(Q(stale_at__gte=now), BooleanField())).order_by(
        "fresh", "read_until", "pk"
    )
    return stale_first.values_list("name", flat=True).first() or ""


def joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans that overlap or touch as one, in order."""
    result: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
