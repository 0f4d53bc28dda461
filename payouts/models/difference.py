from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Comparison(models.Model):
    """A part of the nightly proof, as it was last asked: how much it found, or why nobody knows.

    ``answered_at`` is when it was last asked to the end; ``trouble`` why the last asking had no end.
    """

    name = models.CharField(max_length=40, unique=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_unknown(self) -> bool:
        """Whether the last asking brought no answer: what was found stands from the one before."""
        return bool(self.trouble)


class DifferenceQuerySet(models.QuerySet["Difference"]):
    """The words for sets of differences."""

    def standing(self) -> DifferenceQuerySet:
        """Those that were still there when they were last looked for, closed or not."""
        return self.filter(gone_at=None)

    def open(self) -> DifferenceQuerySet:
        """Those that wait for a person, the oldest first."""
        return self.standing().filter(closed_at=None).order_by("found_at", "pk")


class Difference(models.Model):
    """Something of which our books and Stripe, or two of our own books, do not say the same.

    It is found once and seen again every night until it is gone by itself. A person closes one that is
    explained; the same one does not come up again then, one with other values does.
    """

    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    ours = models.CharField(max_length=200, blank=True)
    stripes = models.CharField(max_length=200, blank=True)
    message = models.TextField()
    found_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.TextField(blank=True)

    objects: ClassVar[DifferenceQuerySet] = DifferenceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="difference_once",
                fields=["comparison", "kind", "subject"],
                condition=Q(gone_at__isnull=True),
            ),
            models.CheckConstraint(
                name="difference_closed_pair",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, note="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(note="")),
            ),
        ]
        indexes = [
            models.Index(
                name="difference_open",
                fields=["found_at"],
                condition=Q(gone_at__isnull=True, closed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"

    @property
    def is_open(self) -> bool:
        return self.gone_at is None and self.closed_at is None
