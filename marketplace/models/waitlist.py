from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class WaitlistEntryQuerySet(models.QuerySet["WaitlistEntry"]):
    """The words for sets of entries."""

    def waiting(self) -> WaitlistEntryQuerySet:
        return self.filter(left_at__isnull=True)


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
