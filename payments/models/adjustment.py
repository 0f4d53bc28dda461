from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.money import Money


class Adjustment(models.Model):
    """A balance that operations gave a buyer for an order that went wrong, in minor units of its currency.

    It is on top of what was paid and of what went back. ``seconded_by`` is the second person where one was
    needed.
    """

    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="adjustments")
    amount = models.BigIntegerField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="adjustment_gives", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="adjustment_by_two_people",
                condition=Q(seconded_by__isnull=True) | ~Q(seconded_by=models.F("by")),
            ),
        ]

    def __str__(self) -> str:
        return f"adjustment of {self.amount} for {self.order}"

    @property
    def total(self) -> Money:
        return Money(self.amount, self.order.currency)
