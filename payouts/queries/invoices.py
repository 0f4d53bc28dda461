"""The documents in a payee's name."""

from __future__ import annotations

from django.db.models import QuerySet

from payouts.models import Payee, Payout, PayoutInvoice


def invoices_of(payee: Payee) -> QuerySet[PayoutInvoice]:
    """His invoices and cancellations with what they belong to, newest first."""
    found = PayoutInvoice.objects.filter(payee=payee).select_related("payout", "cancels", "cancellation")
    return found.order_by("-number")


def waiting_for_tax_profile(payee: Payee) -> int:
    """How many of his payouts have no invoice only because he has not said who he is."""
    arrived = Payout.objects.filter(payee=payee, payee__tax_profile=None, invoices=None)
    return arrived.paid().count()
