from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.money import Money
from payouts.states import InvoiceKind


class PayoutInvoiceQuerySet(models.QuerySet["PayoutInvoice"]):
    """The words for sets of invoices."""

    def standing(self) -> PayoutInvoiceQuerySet:
        """Invoices that were not cancelled."""
        return self.filter(kind=InvoiceKind.INVOICE, cancellation=None)


class PayoutInvoice(models.Model):
    """A self-billing invoice: what a payee bills the platform for one payout, written in his name.

    ``snapshot`` is the whole document as it was issued. A payout that came back gets a cancellation, which
    ``cancels`` its invoice and has the next number of the same payee. Never changed, never deleted.
    """

    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="invoices")
    payout = models.ForeignKey("payouts.Payout", on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=15, choices=InvoiceKind.choices)
    number = models.PositiveIntegerField()
    cancels = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="cancellation")
    total = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    snapshot = models.JSONField()

    objects: ClassVar[PayoutInvoiceQuerySet] = PayoutInvoiceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payee", "number"], name="payout_invoice_number_once"),
            models.UniqueConstraint(fields=["payout", "kind"], name="payout_invoice_once"),
            models.CheckConstraint(name="payout_invoice_numbers_from_one", condition=Q(number__gt=0)),
            models.CheckConstraint(
                name="payout_invoice_kind",
                condition=Q(kind=InvoiceKind.INVOICE, cancels__isnull=True)
                | Q(kind=InvoiceKind.CANCELLATION, cancels__isnull=False) & ~Q(cancels=F("id")),
            ),
        ]
        indexes = [models.Index(fields=["payee", "-number"], name="payout_invoice_newest")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number as it is printed: the payee's series, then the count in it."""
        return f"{self.payee_id:05d}-{self.number:04d}"

    @property
    def amount(self) -> Money:
        return Money(self.total, self.currency)
