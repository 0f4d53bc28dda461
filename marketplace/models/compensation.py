from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Compensation(models.Model):
    """A balance owed to a candidate because the coach let a session down (rules/money.md 8).

    ``granted_at`` is empty while it waits for operations: one per pair of people in 90 days is granted by
    itself, or a pair could pump money.
    """

    session = models.OneToOneField(
        "marketplace.Session", on_delete=models.PROTECT, related_name="compensation"
    )
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    asked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["coach", "candidate", "granted_at"], name="compensation_pair")]
        constraints = [
            models.CheckConstraint(name="compensation_is_something", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.candidate}"
