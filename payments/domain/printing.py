"""Receipts, invoices and credit notes as PDF: pure, from what is known to the bytes of a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from core.locales import SITE, written_for
from core.money import Money
from core.pdf import Column, Document, Party
from core.templatetags.formats import long_day, money, negative
from payments.models import BillingDetails, Paper
from payments.queries.going_back import GoingBack
from payments.queries.purchases import Purchase

_WHAT = Column("What", width=7)


@written_for(SITE)
def receipt(purchase: Purchase, details: BillingDetails, *, now: datetime) -> bytes:
    """What was paid for an order, by which means, and what went back; as it is at ``now``."""
    order, buyer = purchase.order, purchase.order.buyer
    paid_on = [("Paid on", _day(order.paid_at.astimezone(buyer.zone).date()))] if order.paid_at else []
    document = Document("Receipt", subtitle=f"Order {order.pk}", issuer=settings.SITE_NAME, now=now)
    document.parties(
        Party("Paid to", settings.COMPANY_NAME, settings.COMPANY_ADDRESS),
        Party("Paid by", details.company or buyer.display_name, [*details.address.splitlines(), buyer.email]),
    )
    document.facts([*paid_on, *_paid_with(purchase.means)])
    items = [(it.ware.title, it.ware.detail, it.price, it.discount, it.paid) for it in purchase.items]
    _table(document, "Paid", items)
    document.totals(_totals(purchase))
    if purchase.refunds:
        document.heading("What went back")
        for refund in purchase.refunds:
            document.note(told(refund))
    return document.pdf()


@written_for(SITE)
def printed(paper: Paper) -> bytes:
    """A paper as it was issued: the same bytes whenever it is asked for."""
    document = Document(
        f"{paper.title} {paper.name}",
        subtitle=f"Issued on {_day(paper.issued_at.date())}",
        issuer=settings.COMPANY_NAME,
        now=paper.issued_at,
    )
    document.parties(*(_party(role, who) for role, who in paper.parties))
    document.facts(_facts(paper))
    _table(document, "Credited" if paper.is_credit else "Amount", paper.items)
    tax = [("Tax in it", money(paper.tax))] if paper.tax else []
    document.totals([*tax, ("Credited" if paper.is_credit else "Total", money(paper.total))])
    document.note(f"The order: {paper.content['order']}")
    return document.pdf()


def told(refund: GoingBack) -> str:
    """A refund in plain words, as its page and its mail say it."""
    return " ".join(render_to_string("payments/_refund.txt", {"back": refund}).split())


def _facts(paper: Paper) -> Iterable[tuple[str, str]]:
    yield "Number", paper.name
    if paper.is_credit:
        yield "For invoice", paper.refers_to
        yield from ((f"Back to {name}", money(amount)) for name, amount in paper.means)
        return
    if paper.refers_to:
        yield "Replaces invoice", paper.refers_to
    yield "Paid on", _day(paper.paid_on)
    yield from _paid_with(paper.means)


def _paid_with(means: Iterable[tuple[str, Money]]) -> list[tuple[str, str]]:
    return [(f"Paid with {name}", money(amount)) for name, amount in means]


def _party(role: str, who: dict[str, Any]) -> Party:
    tax_id = [f"Tax id {who['tax_id']}"] if who["tax_id"] else []
    return Party(role, who["name"], [*who["address"], *tax_id])


def _table(document: Document, total: str, items: Sequence[tuple[str, str, Money, Money, Money]]) -> None:
    """A row an item; price and discount only where there was a discount."""
    with_discount = any(discount for _, _, _, discount, _ in items)
    names = ["Price", "Discount", total] if with_discount else [total]
    document.table(
        [_WHAT, *(Column(name, width=2, is_number=True) for name in names)],
        [
            [
                f"{title}\n{detail}" if detail else title,
                *([money(price), money(negative(discount))] if with_discount else []),
                money(amount),
            ]
            for title, detail, price, discount, amount in items
        ],
    )


def _totals(purchase: Purchase) -> list[tuple[str, str]]:
    amounts = purchase.amounts
    tax = [("Tax in it", money(purchase.tax))] if purchase.tax else []
    if not amounts.refunded:
        return [*tax, ("Paid", money(amounts.paid))]
    return [
        *tax,
        ("Paid", money(amounts.paid)),
        ("Went back", money(-amounts.refunded)),
        ("Kept", money(amounts.kept)),
    ]


def _day(on: date) -> str:
    return f"{long_day(on)} {on.year}"
