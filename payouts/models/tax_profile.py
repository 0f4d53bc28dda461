from __future__ import annotations

from django.db import models


class TaxProfile(models.Model):
    """Who a payee is to a tax office, as invoices in his name say it. Invoices keep what it said then.

    ``country`` is an ISO 3166 code. ``agreed_at`` is when he let the platform write his invoices.
    """

    payee = models.OneToOneField("payouts.Payee", on_delete=models.PROTECT, related_name="tax_profile")
    country = models.CharField(max_length=2)
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120)
    extra = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80)
    region = models.CharField(max_length=80, blank=True)
    tax_id = models.CharField(max_length=30, blank=True)
    agreed_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    FIELDS = ("country", "name", "street", "extra", "postcode", "city", "region", "tax_id")
    """What its owner says."""

    def __str__(self) -> str:
        return f"tax profile of {self.payee}"

    @property
    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.FIELDS}
