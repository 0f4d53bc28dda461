from __future__ import annotations

from django.db import models
from django.db.models import Q


class OutboxMessage(models.Model):
    """One event for one subscriber, written in the transaction that made the event true.

    ``about`` names what the event is about, so that a page can drain what concerns it.
    """

    event = models.CharField(max_length=120)
    subscriber = models.CharField(max_length=200)
    payload = models.JSONField()
    about = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="outbox_due",
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True),
            ),
            models.Index(
                fields=["about", "id"],
                name="outbox_about",
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True) & ~Q(about=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="outbox_delivered_or_dead",
                condition=Q(delivered_at__isnull=True) | Q(dead_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.subscriber}"
