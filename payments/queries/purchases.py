"""A person's purchases: each order with what it bought, what was paid, what went back and its papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from core.errors import NotFoundError
from core.money import Money
from payments.models import CheckoutSession, Order, OrderLine, Paper, Refund
from payments.queries.amounts import Amounts, amounts
from payments.queries.going_back import GoingBack, going_back
from payments.queries.wares import Ware, wares
from payments.states import CheckoutState, OrderState, PaperKind

if TYPE_CHECKING:
    from accounts.models import User


class PurchaseState(StrEnum):
    """How an order stands for its buyer."""

    OPEN = "open"
    FREE = "free"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CLOSED = "closed"


@dataclass(frozen=True)
class Item:
    """A line of an order: what it was, what it cost before the discount, what was paid for it."""

    ware: Ware
    price: Money
    discount: Money
    paid: Money


@dataclass(frozen=True)
class Purchase:
    """An order as its buyer sees it. ``means`` are pairs of a means of payment and what it paid."""

    order: Order
    items: Sequence[Item]
    amounts: Amounts
    tax: Money
    means: Sequence[tuple[str, Money]]
    refunds: Sequence[GoingBack]
    papers: Sequence[Paper]

    @property
    def title(self) -> str:
        """The first thing bought, and how many more."""
        first, *others = self.items
        return f"{first.ware.title} and {len(others)} more" if others else first.ware.title

    @property
    def price(self) -> Money:
        return Money(self.order.price, self.order.currency)

    @property
    def discount(self) -> Money:
        return Money(self.order.discount, self.order.currency)

    @property
    def state(self) -> PurchaseState:
        order = self.order
        if order.state != OrderState.PAID:
            return PurchaseState(order.state)
        if not order.paid:
            return PurchaseState.FREE
        if not order.refunded:
            return PurchaseState.PAID
        return PurchaseState.PARTLY_REFUNDED if order.kept else PurchaseState.REFUNDED

    @property
    def invoice(self) -> Paper | None:
        """The one in force."""
        invoices = [paper for paper in self.papers if paper.kind == PaperKind.INVOICE]
        return invoices[-1] if invoices else None


def orders_of(person: User) -> QuerySet[Order]:
    """A person's orders, the newest first, with all that ``purchases`` reads."""
    return (
        Order.objects.filter(buyer=person)
        .select_related("buyer")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.order_by("pk")),
            Prefetch("checkouts", CheckoutSession.objects.filter(state=CheckoutState.PAID)),
            Prefetch("refunds", Refund.objects.select_related("payment").order_by("pk")),
            Prefetch("papers", Paper.objects.select_related("corrects").order_by("pk")),
        )
        .order_by("-opened_at", "pk")
    )


def purchase_of(person: User, order_id: UUID, *, now: datetime) -> Purchase:
    """One of a person's own.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    order = orders_of(person).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    return purchases([order], now=now)[0]


def paper_of(person: User, paper_id: int) -> Paper:
    """One of a person's own papers.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    papers = Paper.objects.select_related("order", "corrects", "correction")
    paper = papers.filter(order__buyer=person, pk=paper_id).first()
    if paper is None:
        raise NotFoundError
    return paper


def purchases(orders: Iterable[Order], *, now: datetime) -> list[Purchase]:
    """Orders of ``orders_of`` as purchases."""
    rows = list(orders)
    bought = wares(line.source for order in rows for line in order.lines.all())
    return [_purchase(order, bought, now=now) for order in rows]


def _purchase(order: Order, bought: dict[str, Ware], *, now: datetime) -> Purchase:
    def money(minor: int) -> Money:
        return Money(minor, order.currency)

    lines = order.lines.all()
    return Purchase(
        order=order,
        items=[
            Item(bought[line.source], money(line.amount), money(line.discount), money(line.paid))
            for line in lines
        ],
        amounts=amounts(order),
        tax=money(sum(line.tax for line in lines)),
        means=_means(order),
        refunds=[_told(refund, order, now=now) for refund in order.refunds.all() if refund.amount],
        papers=list(order.papers.all()),
    )


def _means(order: Order) -> list[tuple[str, Money]]:
    if not order.is_paid:
        return []
    payment = next((payment for payment in order.checkouts.all() if not payment.surplus), None)
    means = ((payment.method if payment else "", order.card), ("balance", order.balance))
    return [(name, Money(amount, order.currency)) for name, amount in means if amount]


def _told(refund: Refund, order: Order, *, now: datetime) -> GoingBack:
    refund.order = order  # the one with its buyer: prefetching gave the refund another
    return going_back(refund, now=now)
