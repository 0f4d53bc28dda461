from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.waits import is_over
from integrations.stripe.patience import LEASE, LONGEST_DELAY

UNKNOWN = "unknown object: "
"""How the error of an event begins whose object none of our rows knew."""


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def unhandled(self) -> StripeEventQuerySet:
        return self.filter(handled_at__isnull=True, dead_at__isnull=True)

    def waiting(self, now: datetime) -> StripeEventQuerySet:
        """Due and in nobody's hands."""
        return self.unhandled().filter(
            Q(claimed_until__isnull=True) | is_over("claimed_until", LEASE, now),
            Q(attempts=0) | is_over("due_at", LONGEST_DELAY, now),
        )

    def claimed(self, now: datetime) -> StripeEventQuerySet:
        return self.unhandled().filter(claimed_until__gt=now)

    def strangers(self) -> StripeEventQuerySet:
        """Put off, as none of our rows knew their object."""
        return self.unhandled().filter(error__startswith=UNKNOWN)

    def dead(self) -> StripeEventQuerySet:
        return self.filter(dead_at__isnull=False)


class StripeEvent(models.Model):
    """Something Stripe told us, stored before it is understood: it says which object to read again.

    ``account`` is the connected account it happened on, empty for the platform's own.
    """

    id = models.CharField(max_length=255, primary_key=True)
    type = models.CharField(max_length=120)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=255)
    account = models.CharField(max_length=255, blank=True)
    created = models.DateTimeField()
    payload = models.JSONField()
    received_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager[StripeEvent]] = StripeEventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stripe_event_handled_or_dead",
                condition=Q(handled_at__isnull=True) | Q(dead_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                name="stripe_event_waiting",
                fields=["due_at"],
                condition=Q(handled_at__isnull=True, dead_at__isnull=True),
            ),
            models.Index(
                name="stripe_event_of_object",
                fields=["object_id"],
                condition=Q(handled_at__isnull=True, dead_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
