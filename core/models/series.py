from __future__ import annotations

from django.db import models


class NumberSeries(models.Model):
    """The last number given of one series, for example all invoices of the platform."""

    name = models.CharField(max_length=100, primary_key=True)
    last = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "number series"

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
