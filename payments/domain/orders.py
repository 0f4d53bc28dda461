"""Orders: what is bought, for how much, by which means; paid, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.errors import InvalidError
from core.events import announce
from core.locks import lock
from core.money import smallest_step
from payments.domain import arithmetic
from payments.domain.balances import available, lock_balance
from payments.domain.pricing import PLATFORM, customer_balance, open_shares
from payments.events import OrderPaid
from payments.models import Order, OrderLine
from payments.rules import is_price, least_charge
from payments.states import OrderState
from payouts.domain import ledger

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class NewLine:
    """What a seller puts on an order: ``amount`` minor units, ``rate_bp`` basis points for the platform.

    Without a ``payee_id`` all of it is the platform's. ``source`` is the seller's word for what is sold.
    """

    kind: str
    source: str
    amount: int
    payee_id: int | None
    rate_bp: int


@transaction.atomic
def open_order(
    *,
    buyer: User,
    subject: str,
    lines: Sequence[NewLine],
    use_balance: bool,
    now: datetime,
    awaits_yes: bool = False,
) -> Order:
    """Put an order on record, once per subject; one with nothing left for the card is paid at once.

    Balance is taken here and comes back when the order is closed unpaid. ``awaits_yes``: the buyer did not
    ask for it yet; what needs no card is paid by ``settle_without_card`` when he does.

    Raises:
        InvalidError: the price is neither nothing nor enough for a card.
    """
    lock("order", subject)
    known = Order.objects.filter(subject=subject).first()
    if known is not None:
        return known
    price, currency = sum(line.amount for line in lines), settings.CURRENCY
    if not is_price(price, currency) or any(line.amount % smallest_step(currency) for line in lines):
        raise InvalidError("A price is 0 or at least what a card can be charged, in whole steps.")
    taken = _balance_for(buyer, price, currency) if use_balance else 0
    order = Order.objects.create(
        buyer=buyer,
        subject=subject,
        currency=currency,
        price=price,
        card=price - taken,
        balance_wanted=taken,
        balance=taken,
        opened_at=now,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            kind=line.kind,
            source=line.source,
            amount=line.amount,
            payee_id=line.payee_id,
            rate_bp=line.rate_bp,
        )
        for line in lines
    )
    if order.card == 0 and not awaits_yes:
        settle(order, charge="", now=now)
    return order


@transaction.atomic
def settle_without_card(order_id: UUID, *, now: datetime) -> Order:
    """Pay an open order that asks nothing of a card; any other stands as it is. Twice is once."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.state == OrderState.OPEN and order.card == 0:
        settle(order, charge="", now=now)
    return order


def _balance_for(buyer: User, price: int, currency: str) -> int:
    lock_balance(buyer.pk)
    there = available(buyer.pk, currency)
    return arithmetic.balance_to_use(price, there, least_charge(currency))


def settle(order: Order, *, charge: str, tax: int = 0, now: datetime) -> None:
    """The money of a locked order is here, ``tax`` in it: book it, hold the shares, tell the seller.

    An order that was closed in the meantime tries to take its balance again; without it, it is short.
    """
    is_late = order.state == OrderState.CLOSED
    if is_late and order.balance_wanted:
        _retake_balance(order)
    order.move_to(OrderState.PAID)
    order.paid_at = now
    order.save(update_fields=["state", "paid_at", "balance"])
    legs = open_shares(order, charge=charge, tax=tax, now=now)
    legs[PLATFORM] += order.card
    legs[customer_balance(order.buyer_id)] += order.balance
    ledger.post("pay", f"order:{order.pk}", legs, currency=order.currency, now=now)
    announce(OrderPaid(at=now, order_id=order.pk, subject=order.subject, late=is_late))


def _retake_balance(order: Order) -> None:
    lock_balance(order.buyer_id)
    if available(order.buyer_id, order.currency) >= order.balance_wanted:
        order.balance = order.balance_wanted


@transaction.atomic
def close_order(order_id: UUID, *, now: datetime) -> Order:
    """Give up an order that was not paid; its balance is free again. A paid one stays paid."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.state != OrderState.OPEN:
        return order
    order.move_to(OrderState.CLOSED)
    order.closed_at, order.balance = now, 0
    order.save(update_fields=["state", "closed_at", "balance"])
    return order
