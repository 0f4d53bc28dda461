"""Reminding both sides of a session that is near (rule 17)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from core.events import announce
from core.periodic import each
from scheduling.domain.arrows import lock_booking
from scheduling.events import SessionNear
from scheduling.models import Booking, Reminder
from scheduling.models.booking import BookingQuerySet
from scheduling.queries.openings import LONGEST_SESSION
from scheduling.queries.reminders import MINUTE, timely_reminder
from scheduling.states import BookingState

BATCH = 500


def remind_due(now: datetime) -> int:
    """Announce every session that is near, each length before its start once. Answers how many.

    After an outage only the latest reminder that is due is sent.
    """
    lengths = [timedelta(), *sorted(settings.REMINDERS_BEFORE)]
    return sum(_remind(nearer, before, now) for nearer, before in pairwise(lengths))


@transaction.atomic
def remind(booking_id: UUID, minutes_before: int, *, now: datetime) -> bool:
    """Announce that a session is near, if that reminder is timely; says whether this call did. Twice is once.

    Raises:
        NotFoundError: there is no such booking.
    """
    # Under the lock: what was cancelled or moved a moment ago is not announced.
    booking = lock_booking(booking_id)
    if timely_reminder(booking, now) != minutes_before:
        return False
    _, is_first = Reminder.objects.get_or_create(
        booking=booking,
        minutes_before=minutes_before,
        starts_at=booking.starts_at,
        defaults={"sent_at": now},
    )
    if is_first:
        announce(SessionNear(at=now, booking_id=booking.pk, minutes_before=minutes_before))
    return is_first


def _remind(nearer: timedelta, before: timedelta, now: datetime) -> int:
    due = list(_due(nearer, before, now).order_by("starts_at", "pk").values_list("pk", flat=True)[:BATCH])
    return each(due, lambda pk: remind(pk, before // MINUTE, now=now))


def _due(nearer: timedelta, before: timedelta, now: datetime) -> BookingQuerySet:
    """Sessions that start within ``before``, not yet within ``nearer``, and of which nobody was reminded."""
    told = Reminder.objects.filter(
        booking=OuterRef("pk"), starts_at=OuterRef("starts_at"), minutes_before=before // MINUTE
    )
    return Booking.objects.filter(
        ~Exists(told),
        state=BookingState.CONFIRMED,
        starts_at__gt=now + nearer,
        starts_at__lte=now + before,
        # Said once more of the end, over which there is an index.
        ends_at__gt=now + nearer,
        ends_at__lte=now + before + LONGEST_SESSION,
        # Who has just booked knows.
        confirmed_at__lt=F("starts_at") - before,
    )
