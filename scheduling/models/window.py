from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from core.ranges import OneId


class OpenWindow(models.Model):
    """A span of instants a coach works, resolved from the schedule for one local date.

    ``period`` is half-open and already cut by time off; ``anchor_at`` is the start of the window as
    scheduled, from which the slot grid counts, whatever was cut.
    """

    coach = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    period = DateTimeRangeField()
    anchor_at = models.DateTimeField()

    class Meta:
        indexes = [
            GistIndex(OneId(F("coach_id"), F("coach_id")), F("period"), name="window_coach_period"),
            models.Index(fields=["coach", "on"], name="window_coach_on"),
        ]
        constraints = [
            models.CheckConstraint(
                name="window_is_a_span",
                condition=Q(
                    period__isempty=False,
                    period__startswith__isnull=False,
                    period__endswith__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.period}"
