from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange
from django.db.models import F, Q

from core.ranges import OneId
from scheduling.states import CalendarKind


class ConnectedCalendarQuerySet(models.QuerySet["ConnectedCalendar"]):
    def stale(self, now: datetime) -> ConnectedCalendarQuerySet:
        """Those whose last good sync is older than it may be."""
        return self.filter(Q(stale_at__isnull=True) | Q(stale_at__lt=now))


class ConnectedCalendar(models.Model):
    """A calendar elsewhere whose busy times close a person's hours here (rule 14).

    ``address`` and ``secret`` are encrypted at rest: an ICS address opens the calendar to whoever has it,
    and a secret is a password or the tokens of an OAuth grant. ``synced_at`` is the last good sync, of which
    all up to ``read_until`` is known; after ``stale_at``, ``stale_after_minutes`` on, a coach offers nothing,
    which he was told at ``told_at``. ``failure`` is the last refusal in our words, empty while all is well.
    ``writes`` says that confirmed sessions are written to it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connected_calendars"
    )
    kind = models.CharField(max_length=10, choices=CalendarKind.choices)
    name = models.CharField(max_length=120)
    address = models.BinaryField()
    username = models.CharField(max_length=254, blank=True)
    secret = models.BinaryField(blank=True, default=bytes)
    writes = models.BooleanField(default=False)
    stale_after_minutes = models.PositiveIntegerField(default=120)
    connected_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)
    read_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)

    objects: ClassVar[ConnectedCalendarQuerySet] = ConnectedCalendarQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="connected_calendar_kind", condition=Q(kind__in=sorted(CalendarKind.values))
            ),
            models.CheckConstraint(
                name="connected_calendar_stale_in_bounds", condition=Q(stale_after_minutes__range=(5, 10_080))
            ),
            models.CheckConstraint(
                name="connected_calendar_synced_together",
                condition=Q(synced_at__isnull=True, stale_at__isnull=True, read_until__isnull=True)
                | Q(synced_at__isnull=False, stale_at__isnull=False, read_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["tried_at"], name="connected_calendar_tried"),
            models.Index(fields=["stale_at"], name="connected_calendar_stale"),
        ]

    def __str__(self) -> str:
        return self.name

    def note_sync(self, *, read_until: datetime, now: datetime) -> None:
        """All is well: everything up to ``read_until`` is known as of ``now``."""
        self.synced_at, self.tried_at, self.read_until = now, now, read_until
        self.stale_at = now + timedelta(minutes=self.stale_after_minutes)
        self.failure, self.failures, self.told_at = "", 0, None

    def is_stale(self, now: datetime) -> bool:
        """Whether the last good sync is older than it may be."""
        return self.stale_at is None or self.stale_at < now


class BusyTimeQuerySet(models.QuerySet["BusyTime"]):
    def between(self, owner_id: int, from_at: datetime, to_at: datetime) -> BusyTimeQuerySet:
        """What overlaps ``[from_at, to_at)``; by the index of owner and period."""
        return self.annotate(owned=OneId(F("owner_id"), F("owner_id"))).filter(
            owned__overlap=NumericRange(owner_id, owner_id, "[]"),
            period__overlap=DateTimeTZRange(from_at, to_at, "[)"),
        )


class BusyTime(models.Model):
    """Instants, half-open, at which a connected calendar says that its owner is busy.

    ``uid`` is the event's own, so that what we wrote there ourselves is told apart. What the event is about
    is not kept.
    """

    calendar = models.ForeignKey(ConnectedCalendar, on_delete=models.CASCADE, related_name="busy_times")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    uid = models.CharField(max_length=255, blank=True)
    period = DateTimeRangeField()

    objects: ClassVar[BusyTimeQuerySet] = BusyTimeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="busy_time_is_a_span",
                condition=Q(
                    period__isempty=False,
                    period__startswith__isnull=False,
                    period__endswith__isnull=False,
                ),
            ),
        ]
        indexes = [
            GistIndex(OneId(F("owner_id"), F("owner_id")), F("period"), name="busy_time_owner_period"),
        ]

    def __str__(self) -> str:
        return f"{self.period}"


class CalendarCopy(models.Model):
    """A session as we wrote it to a connected calendar. ``sequence`` is the invite's at that moment.

    ``reference`` is the event's name there (an href, or the provider's id), ``etag`` its version.
    """

    calendar = models.ForeignKey(ConnectedCalendar, on_delete=models.CASCADE, related_name="copies")
    booking = models.ForeignKey(
        "scheduling.Booking", on_delete=models.PROTECT, related_name="calendar_copies"
    )
    reference = models.CharField(max_length=500)
    etag = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField()
    written_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "booking"], name="calendar_copy_once"),
        ]

    def __str__(self) -> str:
        return self.reference
