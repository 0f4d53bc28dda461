from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Company(models.Model):
    """An employer that people interview with."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class Employment(models.Model):
    """That a coach works or worked for a company; ``checked_on`` is the day operations saw proof."""

    coach = models.ForeignKey("marketplace.Coach", on_delete=models.CASCADE, related_name="employments")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="employments")
    from_year = models.PositiveSmallIntegerField(null=True, blank=True)
    to_year = models.PositiveSmallIntegerField(null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-from_year", "company__name"]
        constraints = [
            models.UniqueConstraint(fields=["coach", "company"], name="employment_once_per_company"),
            models.CheckConstraint(
                name="employment_is_a_span",
                condition=Q(to_year__isnull=True) | Q(from_year__lte=F("to_year")),
            ),
        ]
        indexes = [models.Index(fields=["company", "coach"], name="employment_company_coach")]

    def __str__(self) -> str:
        return f"{self.company} {self.years}".strip()

    @property
    def years(self) -> str:
        """``2016–21``, ``2012–``, or nothing."""
        if self.from_year is None:
            return ""
        until = "" if self.to_year is None else f"{self.to_year % 100:02}"
        return f"{self.from_year}\N{EN DASH}{until}"
