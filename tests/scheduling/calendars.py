"""Connected calendars that are simply there, with what they say."""

from __future__ import annotations

from datetime import timedelta

from integrations.sealing import seal
from scheduling.models import BusyTime, ConnectedCalendar
from tests.scheduling.stage import NOW

FAR = timedelta(days=800)


def connected(owner, name="Work", *, now=NOW, read_until=None, **columns):
    """A calendar that was read a moment ago, as far as anybody asks."""
    calendar = ConnectedCalendar(
        owner=owner,
        kind=columns.pop("kind", "ics"),
        name=name,
        address=seal("https://calendar.test/"),
        connected_at=now,
    )
    calendar.note_sync(read_until=read_until or now + FAR, now=now)
    for column, value in columns.items():
        setattr(calendar, column, value)
    calendar.save()
    return calendar


def busy(calendar, starts_at, ends_at, uid="meeting"):
    return BusyTime.objects.create(
        calendar=calendar, owner_id=calendar.owner_id, uid=uid, period=(starts_at, ends_at)
    )
