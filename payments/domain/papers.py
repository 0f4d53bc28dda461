"""Invoices and credit notes: the platform sold, so the platform writes them.

A paper is issued once and says for ever what it said then. An order has one invoice in force; who wants it
made out to somebody else gets a corrected one with a number of its own, which names the one it replaces.
Numbers have no gaps: each is taken last, in the transaction that writes its paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.audit import record
from core.errors import DomainError, NotFoundError
from core.numbering import next_number
from payments.domain.billing import billing_details_of
from payments.domain.pricing import standing_of
from payments.models import BillingDetails, Order, OrderLine, Paper, Refund
from payments.queries.wares import wares
from payments.states import CheckoutState, PaperKind

if TYPE_CHECKING:
    from accounts.models import User

Content = dict[str, Any]


class NothingPaidError(DomainError):
    """There is nothing to invoice."""

    code = "nothing_paid"
    message = "Nothing was paid here, so there is nothing to invoice."


@transaction.atomic
def issue_invoice(order_id: UUID, *, by: User, now: datetime) -> Paper:
    """The invoice in force of an order, issued now where there is none. Twice is once.

    What went back before gets its credit notes in the same breath.

    Raises:
        NothingPaidError: the order was not paid, or cost nothing.
    """
    order = _locked(order_id)
    known = order.papers.invoices().in_force().first()
    if known is not None:
        return known
    if not order.paid:
        raise NothingPaidError
    invoice = _issue(order, PaperKind.INVOICE, _invoice(order), now=now)
    record("order.invoiced", order, by=by, now=now, reason=invoice.name)
    for refund in order.refunds.order_by("pk"):
        _credit(invoice, refund, now=now)
    return invoice


@transaction.atomic
def correct_invoice(order_id: UUID, *, by: User, now: datetime) -> Paper:
    """The invoice again, made out to its buyer as his billing details are now.

    Where they say what the one in force says, that one.

    Raises:
        NotFoundError: none was issued yet.
    """
    order = _locked(order_id)
    known = order.papers.invoices().in_force().first()
    if known is None:
        raise NotFoundError
    buyer = made_out_to(billing_details_of(order.buyer))
    if buyer == known.content["buyer"]:
        return known
    content = {**known.content, "buyer": buyer, "refers_to": known.name}
    invoice = _issue(order, PaperKind.INVOICE, content, corrects=known, now=now)
    record("order.invoice_corrected", order, by=by, now=now, reason=f"{invoice.name} for {known.name}")
    return invoice


@transaction.atomic
def issue_credit_note(refund_id: int, *, now: datetime) -> Paper | None:
    """What takes a refund off the invoice of its order, once. None: there is no invoice to take it off."""
    order = _locked(Refund.objects.values_list("order_id", flat=True).get(pk=refund_id))
    invoice = order.papers.invoices().in_force().first()
    return _credit(invoice, order.refunds.get(pk=refund_id), now=now) if invoice else None


def _locked(order_id: UUID) -> Order:
    return Order.objects.select_for_update(of=("self",)).select_related("buyer").get(pk=order_id)


def _credit(invoice: Paper, refund: Refund, *, now: datetime) -> Paper | None:
    line = refund.line
    # A surplus payment was for nothing on the invoice; a refund of nothing changes nothing on it.
    if line is None or not refund.amount:
        return None
    known = Paper.objects.filter(refund=refund).first()
    if known is not None:
        return known
    content = {**_credit_note(refund, line), "buyer": invoice.content["buyer"], "refers_to": invoice.name}
    return _issue(invoice.order, PaperKind.CREDIT_NOTE, content, refund=refund, now=now)


def _issue(order: Order, kind: PaperKind, content: Content, *, now: datetime, **links: Any) -> Paper:
    return Paper.objects.create(
        order=order, kind=kind, content=content, issued_at=now, number=next_number(f"paper:{kind}"), **links
    )


# what they say


def _invoice(order: Order) -> Content:
    lines = list(order.lines.order_by("pk"))
    payment = order.checkouts.filter(state=CheckoutState.PAID, surplus=False).first()
    return {
        **_head(order),
        "buyer": made_out_to(billing_details_of(order.buyer)),
        "lines": _items(lines, [(line.paid, line.discount, line.tax) for line in lines]),
        "total": order.paid,
        "tax": sum(line.tax for line in lines),
        "means": _means(payment.method if payment else "", order.card, order.balance),
    }


def _credit_note(refund: Refund, line: OrderLine) -> Content:
    tax = _tax_in(refund, line)
    return {
        **_head(refund.order),
        "lines": _items([line], [(refund.amount, 0, tax)]),
        "total": refund.amount,
        "tax": tax,
        "means": _means(refund.payment.method if refund.payment else "", refund.card, refund.balance),
    }


def _head(order: Order) -> Content:
    assert order.paid_at is not None  # noqa: S101  (only what was paid has papers)
    return {
        "seller": {
            "name": settings.COMPANY_NAME,
            "address": settings.COMPANY_ADDRESS,
            "tax_id": settings.COMPANY_TAX_ID,
        },
        "order": str(order.pk),
        "currency": order.currency,
        "paid_on": order.paid_at.date().isoformat(),
    }


def made_out_to(details: BillingDetails) -> Content:
    """The buyer as a paper that is issued now would name him."""
    name = details.person.display_name
    attention = [name] if details.company else []
    return {
        "name": details.company or name,
        "address": [*attention, *details.address.splitlines()],
        "tax_id": details.tax_id,
    }


def _items(lines: Sequence[OrderLine], amounts: Sequence[tuple[int, int, int]]) -> list[Content]:
    """What each line was, what of it is invoiced, the discount that is already off, the tax that is in it."""
    bought = wares(line.source for line in lines)
    return [
        {
            "what": bought[line.source].title,
            "detail": bought[line.source].detail,
            "price": amount + discount,
            "discount": discount,
            "amount": amount,
            "tax": tax,
        }
        for line, (amount, discount, tax) in zip(lines, amounts, strict=True)
    ]


def _means(method: str, card: int, balance: int) -> list[list[str | int]]:
    """Pairs of a means of payment and what it paid, or got back."""
    return [[name, amount] for name, amount in ((method, card), ("balance", balance)) if amount]


def _tax_in(refund: Refund, line: OrderLine) -> int:
    """The tax in a refund: what was kept of the tax before it less what is kept after it."""
    earlier = sum(line.refunds.filter(pk__lt=refund.pk).values_list("amount", flat=True))
    before = replace(standing_of(line), refunded=earlier, lost=0)
    return before.tax_kept - replace(before, refunded=earlier + refund.amount).tax_kept
