from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.instants import parse_zone

INSTANT = timedelta(microseconds=1)


class WaitlistEntryQuerySet(models.QuerySet["WaitlistEntry"]):
    """The words for sets of entries."""

    def waiting(self, now: datetime) -> WaitlistEntryQuerySet:
        """Who has not left, and whose time is not over."""
        return self.filter(Q(to_at__isnull=True) | Q(to_at__gt=now), left_at__isnull=True)


class WaitlistEntry(models.Model):
    """A candidate waits for a time of a coach, for one offer, in the order of asking (rule 18).

    ``from_at`` and ``to_at`` bound the starts that would do, half-open; empty: any.
    """

    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waitlist_entries"
    )
    offer = models.ForeignKey("marketplace.Offer", on_delete=models.PROTECT, related_name="waitlist")
    timezone = models.CharField(max_length=64)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    objects: ClassVar[WaitlistEntryQuerySet] = WaitlistEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "offer"],
                condition=Q(left_at__isnull=True),
                name="waitlist_entry_once",
            ),
            models.CheckConstraint(
                name="waitlist_entry_range",
                condition=Q(from_at__isnull=True) | Q(to_at__isnull=True) | Q(from_at__lt=F("to_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["offer", "joined_at"], name="waitlist_in_order", condition=Q(left_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} waits for {self.offer}"

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.offer.duration_minutes)

    @property
    def first_on(self) -> date | None:
        """The first day that would do, where he reads times."""
        return self.from_at and self.from_at.astimezone(parse_zone(self.timezone)).date()

    @property
    def last_on(self) -> date | None:
        """The last day that would do; its midnight does not."""
        return self.to_at and (self.to_at - INSTANT).astimezone(parse_zone(self.timezone)).date()

    def is_over(self, now: datetime) -> bool:
        """Whether the range he waits for has passed."""
        return self.to_at is not None and self.to_at <= now

    def would_do(self, starts_at: datetime) -> bool:
        """Whether a session at that start is what he waits for."""
        late_enough = self.from_at is None or starts_at >= self.from_at
        return late_enough and (self.to_at is None or starts_at < self.to_at)


class WaitlistTurn(models.Model):
    """That an entry was offered a freed time, once: ``booking`` is the hold, empty for one passed over."""

    entry = models.ForeignKey(WaitlistEntry, on_delete=models.CASCADE, related_name="turns")
    starts_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    booking = models.OneToOneField(
        "scheduling.Booking", null=True, on_delete=models.PROTECT, related_name="waitlist_turn"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "starts_at"], name="waitlist_turn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.entry.length

    def overlaps(self, from_at: datetime, to_at: datetime) -> bool:
        """Whether the session it offered would have used some of that time."""
        return self.starts_at < to_at and self.ends_at > from_at
