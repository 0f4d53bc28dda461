from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from core.money import Money
from payments.states import PaperKind


class PaperQuerySet(models.QuerySet["Paper"]):
    """The words for sets of papers."""

    def invoices(self) -> PaperQuerySet:
        return self.filter(kind=PaperKind.INVOICE)

    def in_force(self) -> PaperQuerySet:
        """Those that no later one corrects."""
        return self.filter(correction__isnull=True)


class Paper(models.Model):
    """An invoice of an order, or the credit note of one of its refunds: numbered without gaps, and frozen.

    ``content`` is all it says, as it was when it was issued. A mistake in it is put right by another paper
    with a number of its own that ``corrects`` it. Never changed, never deleted.
    """

    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=12, choices=PaperKind.choices)
    number = models.PositiveBigIntegerField()
    refund = models.OneToOneField(
        "payments.Refund", null=True, on_delete=models.PROTECT, related_name="credit_note"
    )
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="correction")
    content = models.JSONField()
    issued_at = models.DateTimeField()

    objects: ClassVar[PaperQuerySet] = PaperQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="paper_kind", condition=Q(kind__in=sorted(PaperKind.values))),
            models.UniqueConstraint(name="paper_number_once", fields=["kind", "number"]),
            models.UniqueConstraint(
                name="paper_one_first_invoice",
                fields=["order"],
                condition=Q(kind=PaperKind.INVOICE, corrects__isnull=True),
            ),
            models.CheckConstraint(
                name="paper_credit_note_has_its_refund",
                condition=Q(kind=PaperKind.INVOICE, refund__isnull=True)
                | Q(kind=PaperKind.CREDIT_NOTE, refund__isnull=False, corrects__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """``INV-000017``, ``CN-000003``."""
        return f"{PaperKind(self.kind).prefix}-{self.number:06}"

    @property
    def title(self) -> str:
        """What it calls itself: *Invoice*, *Corrected invoice*, *Credit note*."""
        return "Corrected invoice" if self.corrects_id else PaperKind(self.kind).label

    @property
    def is_credit(self) -> bool:
        return bool(self.kind == PaperKind.CREDIT_NOTE)

    @property
    def refers_to(self) -> str:
        """The invoice that it takes something off, or replaces; empty for a first invoice."""
        name: str = self.content.get("refers_to", "")
        return name

    @property
    def paid_on(self) -> date:
        return date.fromisoformat(self.content["paid_on"])

    @property
    def parties(self) -> list[tuple[str, dict[str, Any]]]:
        """From whom, to whom: a role, and name, address lines and tax id."""
        return [("From", self.content["seller"]), ("To", self.content["buyer"])]

    @property
    def has_discount(self) -> bool:
        return any(line["discount"] for line in self.content["lines"])

    @property
    def items(self) -> list[tuple[str, str, Money, Money, Money]]:
        """For each line: what, in detail, its price, the discount in it, the amount."""
        amounts = ("price", "discount", "amount")
        return [
            (line["what"], line["detail"], *(self._money(line[name]) for name in amounts))
            for line in self.content["lines"]
        ]

    @property
    def total(self) -> Money:
        return self._money(self.content["total"])

    @property
    def tax(self) -> Money:
        """What of the total is tax."""
        return self._money(self.content["tax"])

    @property
    def means(self) -> list[tuple[str, Money]]:
        """Means of payment, and what each of them paid, or got back."""
        return [(name, self._money(amount)) for name, amount in self.content["means"]]

    def _money(self, minor: int) -> Money:
        return Money(minor, self.content["currency"])
