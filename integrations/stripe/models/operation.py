from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from core.states import MovesByTable
from integrations.stripe.states import SETTLED, TRANSITIONS, OperationState


class StripeOperationQuerySet(models.QuerySet["StripeOperation"]):
    def unsettled(self) -> StripeOperationQuerySet:
        return self.exclude(state__in=sorted(SETTLED))

    def due(self, now: datetime) -> StripeOperationQuerySet:
        """Waiting to be sent, to be asked again, or left behind by a worker that died."""
        return self.unsettled().filter(due_at__lte=now)

    def in_flight(self) -> StripeOperationQuerySet:
        return self.filter(state=OperationState.SENT)


class StripeOperation(MovesByTable, models.Model):
    """One write to Stripe, on record before it is made.

    ``parameters`` are frozen with the ``key``: one key is one question for ever. ``answer`` is what Stripe
    made, in the words of ``answers.py``. From ``due_at`` on the sweep may take the row; for a sent one that
    is the end of its lease.
    """

    TRANSITIONS = TRANSITIONS

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    parameters = models.JSONField()
    state = models.CharField(
        max_length=10, choices=OperationState.choices, default=OperationState.PLANNED, editable=False
    )
    stripe_id = models.CharField(max_length=255, blank=True)
    answer: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=100, blank=True)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    first_sent_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[StripeOperation]] = StripeOperationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stripe_operation_state", condition=Q(state__in=sorted(OperationState.values))
            ),
            models.CheckConstraint(
                name="stripe_operation_finished_when_settled",
                condition=Q(state__in=sorted(SETTLED), finished_at__isnull=False)
                | (~Q(state__in=sorted(SETTLED)) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="stripe_operation_sent_before_unknown",
                condition=~Q(state__in=["sent", "unknown", "succeeded"])
                | Q(first_sent_at__isnull=False, sent_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="stripe_operation_one_per_object", fields=["stripe_id"], condition=~Q(stripe_id="")
            ),
        ]
        indexes = [
            models.Index(
                name="stripe_operation_due", fields=["due_at"], condition=~Q(state__in=sorted(SETTLED))
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def succeeded(self) -> bool:
        return bool(self.state == OperationState.SUCCEEDED)
