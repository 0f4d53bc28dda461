"""When connected calendars say that somebody is busy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.models import BusyTime

if TYPE_CHECKING:
    from accounts.models import User


def busy_of(person: User, from_at: datetime, to_at: datetime) -> list[tuple[datetime, datetime]]:
    """The person's busy times that overlap ``[from_at, to_at)``, in order, joined where they meet.

    Half-open, aware, in UTC, and not cut to what was asked. One query.
    """
    return joined(
        (period.lower, period.upper)
        for period in BusyTime.objects.between(person.pk, from_at, to_at).values_list("period", flat=True)
    )


def busy_in(person_id: int, period: DateTimeTZRange) -> BusyTime | None:
    """The first busy time of a person that overlaps the period, with its calendar."""
    overlapping = BusyTime.objects.between(person_id, period.lower, period.upper)
    return overlapping.select_related("calendar").order_by("period", "pk").first()


def joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans that overlap or touch as one, in order."""
    result: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
