"""Who has what of an order's kept money: brings lines, shares and goodwill to what is true now."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from core.money import half_up, smallest_step, split
from payments.domain.arithmetic import Cut, Standing, cut
from payments.models import Order, OrderLine
from payments.rules import balance_owner
from payouts.domain.shares import open_share, resize_share
from payouts.rules import AccountKey, AccountKind

Change = Counter[AccountKey]
"""Legs of an entry by account, debit positive."""

CUT = ["paid", "refunded", "refunded_percent", "lost", "tax", "tax_kept", "goodwill", "share", "fee"]
"""The columns of a line that a cut writes."""

REVENUE = AccountKey(AccountKind.PLATFORM_REVENUE)
TAX = AccountKey(AccountKind.TAX_PAYABLE)
GOODWILL = AccountKey(AccountKind.GOODWILL)
PLATFORM = AccountKey(AccountKind.STRIPE_PLATFORM)
STRIPE_FEES = AccountKey(AccountKind.STRIPE_FEES)
SUSPENSE = AccountKey(AccountKind.DISPUTE_SUSPENSE)
LOSSES = AccountKey(AccountKind.LOSSES)


def customer_balance(buyer_id: int) -> AccountKey:
    """What we owe a buyer that he may spend."""
    return AccountKey(AccountKind.CUSTOMER_BALANCE, balance_owner(buyer_id))


def locked_line(line_id: int) -> OrderLine:
    """A line as it is now, with its order, which is locked until the transaction ends."""
    order = Order.objects.select_for_update(of=("self",)).get(lines=line_id)
    return order.lines.get(pk=line_id)


def standing_of(line: OrderLine) -> Standing:
    return Standing(
        paid=line.paid,
        discount=line.discount,
        refunded=line.refunded,
        lost=line.lost,
        refunded_percent=line.refunded_percent or 0,
        tax=line.tax,
        step=smallest_step(line.order.currency),
    )


def open_shares(order: Order, *, charge: str, tax: int, now: datetime) -> Change:
    """Cut a paid order for the first time; answers the legs for shares, fees, tax and goodwill.

    Its lines get their parts of what was paid by what each of them asked for, and of the ``tax`` in it.
    """
    step = smallest_step(order.currency)
    # In the order they were sold: an extra cent goes to the earliest.
    lines = list(order.lines.order_by("pk").select_related("order"))
    for line, paid in zip(lines, split(order.paid, [line.to_pay for line in lines], step), strict=True):
        line.paid = paid
    taxes = split(half_up(tax, step), [line.paid for line in lines], step)
    for line, part in zip(lines, taxes, strict=True):
        line.tax = part
    charged = split(order.card if charge else 0, [line.paid for line in lines], step)
    change: Change = Counter()
    for line, sourced in zip(lines, charged, strict=True):
        change.update(_cut(order, line))
        if line.payee_id is None:
            continue
        change[AccountKey.of_payee(AccountKind.PAYEE_HELD, line.payee_id)] -= line.share
        open_share(
            line.payee_id,
            line.share_source,
            line.share,
            currency=order.currency,
            transfer_group=order.transfer_group,
            source_transaction=charge,
            sourced_limit=sourced,
            now=now,
        )
    return change


def reprice(line: OrderLine, *, now: datetime) -> Change:
    """Cut a line of a paid, locked order again after a change; answers the legs of the difference."""
    change = _cut(line.order, line)
    if line.payee_id is not None:
        change.update(resize_share(line.share_source, line.share, now=now))
    return change


def cut_of(line: OrderLine, standing: Standing) -> Cut:
    """What the payee and the platform have of a line that stands so."""
    return cut(standing.commissionable, line.rate_bp, has_payee=line.payee_id is not None, step=standing.step)


def _cut(order: Order, line: OrderLine) -> Change:
    standing = standing_of(line)
    new, goodwill = cut_of(line, standing), standing.goodwill - line.goodwill
    tax = line.tax_kept - standing.tax_kept
    change: Change = Counter({GOODWILL: goodwill, REVENUE: line.fee - new.fee, TAX: tax})
    line.goodwill, line.tax_kept = standing.goodwill, standing.tax_kept
    line.share, line.fee = new.share, new.fee
    line.save(update_fields=CUT)
    order.goodwill += goodwill
    order.save(update_fields=["goodwill"])
    return change
