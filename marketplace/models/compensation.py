from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.money import Money


class CompensationQuerySet(models.QuerySet["Compensation"]):
    """The words for sets of compensations."""

    def waiting(self) -> CompensationQuerySet:
        """What operations have to decide."""
        return self.filter(granted_at=None, refused_at=None)


class Compensation(models.Model):
    """A balance owed to a candidate because the coach let a session down (rules/money.md 8).

    ``granted_at`` and ``refused_at`` are empty while it waits for operations: one per pair of people in 90
    days is granted by itself, or a pair could pump money.
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
    refused_at = models.DateTimeField(null=True)

    objects: ClassVar[CompensationQuerySet] = CompensationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index(fields=["coach", "candidate", "granted_at"], name="compensation_pair")]
        constraints = [
            models.CheckConstraint(name="compensation_is_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="compensation_granted_or_refused",
                condition=Q(granted_at__isnull=True) | Q(refused_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.candidate}"

    @property
    def cost(self) -> Money:
        return Money(self.amount, self.currency)
