"""Self-billing: an invoice in the payee's name for each payout that arrived, cancelled if it came back.

The numbers of a payee have no gaps: each is drawn in the transaction that writes its document, last, under
the payee's lock. A document is a snapshot: what he says of himself later changes no earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from core.numbering import next_number
from core.periodic import each
from payouts.models import Payee, Payout, PayoutInvoice, PayoutLine
from payouts.queries.statements import books_zone
from payouts.queries.words import words_of
from payouts.states import CAME_BACK, InvoiceKind

Snapshot = dict[str, Any]

OTHER_LINES = {
    "payment_refund": "Taken back",
    "transfer_refund": "Taken back",
    PayoutLine.BY_HAND: "Paid out at your request",
    "payout_failure": "An earlier payout that came back",
    "payout_cancel": "An earlier payout that was cancelled",
    "payout_minimum_balance_hold": "Kept on your account at Stripe",
    "payout_minimum_balance_release": "Kept on your account at Stripe earlier",
}
"""Lines of a payout that are no sale, by Stripe's word for them."""


def invoice_payouts(now: datetime) -> int:
    """Write what is missing: invoices of payouts that arrived, cancellations of those that came back."""
    arrived = Payout.objects.to_invoice().order_by("paid_at", "pk").values_list("pk", flat=True)
    back = PayoutInvoice.objects.standing().filter(payout__state__in=sorted(CAME_BACK))
    return each(list(arrived), lambda pk: issue_invoice(pk, now=now) is not None) + each(
        list(back.order_by("pk").values_list("pk", flat=True)),
        lambda pk: cancel_invoice(pk, now=now) is not None,
    )


@transaction.atomic
def issue_invoice(payout_id: int, *, now: datetime) -> PayoutInvoice | None:
    """The invoice of a payout that arrived; None when it has one, or not all that belongs on it is known."""
    payout = _locked(payout_id)
    if not Payout.objects.to_invoice().filter(pk=payout_id).exists():
        return None
    return _write(payout, InvoiceKind.INVOICE, _snapshot(payout, now=now), now=now)


@transaction.atomic
def cancel_invoice(invoice_id: int, *, now: datetime) -> PayoutInvoice | None:
    """Take back the invoice of a payout that came back, by a document of its own. Twice is once."""
    payout = _locked(PayoutInvoice.objects.values_list("payout_id", flat=True).get(pk=invoice_id))
    invoice = PayoutInvoice.objects.standing().filter(pk=invoice_id).first()
    if invoice is None or payout.state not in CAME_BACK:
        return None
    backwards = [{**line, "amount": -line["amount"]} for line in invoice.snapshot["lines"]]
    snapshot = invoice.snapshot | {
        "lines": backwards,
        "cancels": invoice.label,
        "reason": payout.failure,
    }
    return _write(payout, InvoiceKind.CANCELLATION, snapshot, cancels=invoice, now=now)


def _locked(payout_id: int) -> Payout:
    """A payout as it is now, under the lock of its payee."""
    payee_id = Payout.objects.values_list("payee_id", flat=True).get(pk=payout_id)
    Payee.objects.select_for_update(no_key=True).get(pk=payee_id)
    return Payout.objects.select_related("payee__tax_profile", "payee__user").get(pk=payout_id)


def _write(
    payout: Payout,
    kind: InvoiceKind,
    snapshot: Snapshot,
    *,
    cancels: PayoutInvoice | None = None,
    now: datetime,
) -> PayoutInvoice:
    return PayoutInvoice.objects.create(
        payee_id=payout.payee_id,
        payout=payout,
        kind=kind,
        cancels=cancels,
        total=sum(line["amount"] for line in snapshot["lines"]),
        currency=payout.currency,
        issued_at=now,
        snapshot=snapshot,
        number=next_number(f"self-billing:{payout.payee_id}"),
    )


def _snapshot(payout: Payout, *, now: datetime) -> Snapshot:
    zone = books_zone(payout.payee)
    lines = list(_lines(payout))
    words = words_of(line.transfer.release.share.source for line in lines if line.transfer)
    return {
        "supplier": payout.payee.tax_profile.values,
        "customer": {
            "name": settings.COMPANY_NAME,
            "address": settings.COMPANY_ADDRESS,
            "tax_id": settings.COMPANY_TAX_ID,
        },
        "payout": payout.stripe_id,
        "paid_on": (payout.paid_at or now).astimezone(zone).date().isoformat(),
        "issued_on": now.astimezone(zone).date().isoformat(),
        "lines": [{"what": _what(line, words), "amount": line.amount} for line in lines],
    }


def _lines(payout: Payout) -> Iterator[PayoutLine]:
    """What a payout is made of; in place of an earlier one that came back, what that one was made of."""
    if not payout.automatic:
        # The next automatic one says what it was made of, and takes its amount out again.
        yield PayoutLine(payout=payout, kind=PayoutLine.BY_HAND, amount=payout.amount)
    lines = payout.lines.select_related("transfer__release__share", "returned").order_by("pk")
    for line in lines:
        if line.returned is not None and line.returned.lines.exists():
            yield from _lines(line.returned)
        else:
            yield line


def _what(line: PayoutLine, words: dict[str, str]) -> str:
    if line.transfer is None:
        return OTHER_LINES.get(line.kind, line.kind.replace("_", " ").capitalize())
    sold = words.get(line.transfer.release.share.source, "Session")
    return sold if line.amount > 0 else f"{sold}, taken back"
