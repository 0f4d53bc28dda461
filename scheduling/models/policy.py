from __future__ import annotations

from django.db import models


class CancellationPolicy(models.Model):
    """The policy that was in force when a booking was made; rows are never changed.

    ``tiers`` is ``[{"from_hours": 24, "refund_percent": 100}, …]``, from the most hours to 0.
    ``digest`` identifies the content, so that one policy is one row.
    """

    tiers = models.JSONField()
    grace_minutes = models.PositiveIntegerField()
    grace_from_hours = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"policy {self.pk}"
