from __future__ import annotations

from django.conf import settings
from django.db import models


class BillingDetails(models.Model):
    """Whom a person's invoices are made out to. Empty fields are left out; the name is then the person's.

    ``address`` has a line for each line of the envelope.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="billing_details"
    )
    company = models.CharField(max_length=120, blank=True)
    address = models.TextField(max_length=400, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "billing details"

    def __str__(self) -> str:
        return f"billing details of {self.person}"
