"""Who has what of an order's kept money: brings lines, shares and goodwill to what is true now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from payments.domain.arithmetic import Cut, LineTerms, Standing, cuts, parts
from payments.models import Order, OrderLine
from payouts.domain.shares import open_share, resize_share
from payouts.rules import AccountKey, AccountKind

Change = Counter[AccountKey]
"""Legs of an entry by account, debit positive."""

REVENUE = AccountKey(AccountKind.PLATFORM_REVENUE)
GOODWILL = AccountKey(AccountKind.GOODWILL)
PLATFORM = AccountKey(AccountKind.STRIPE_PLATFORM)
STRIPE_FEES = AccountKey(AccountKind.STRIPE_FEES)


def customer_balance(buyer_id: int) -> AccountKey:
    """What we owe a buyer that he may spend."""
    return AccountKey(AccountKind.CUSTOMER_BALANCE, f"user:{buyer_id}")


def standing_of(order: Order) -> Standing:
    return Standing(
        paid=order.paid,
        discount=order.discount,
        refunded=order.refunded,
        lost=order.lost,
        refunded_percent=order.refunded_percent or 0,
    )


def terms_of(lines: Sequence[OrderLine]) -> list[LineTerms]:
    """A line weighs what it costs: what the platform discounts it pays as goodwill."""
    return [LineTerms(line.amount, line.rate_bp, has_payee=line.payee_id is not None) for line in lines]


def lines_of(order: Order) -> list[OrderLine]:
    """In the order they were sold: an extra cent goes to the earliest."""
    return list(order.lines.order_by("pk"))


def open_shares(order: Order, *, charge: str, now: datetime) -> Change:
    """Cut a paid order for the first time; answers the legs for shares, fees and goodwill."""
    lines = lines_of(order)
    terms, standing = terms_of(lines), standing_of(order)
    change = _goodwill_change(order, standing)
    charged = parts(order.card if charge else 0, terms)
    for line, new, sourced in zip(lines, cuts(standing, terms), charged, strict=True):
        _keep(line, new)
        change[REVENUE] -= new.fee
        if line.payee_id is None:
            continue
        change[AccountKey.of_payee(AccountKind.PAYEE_HELD, line.payee_id)] -= new.share
        open_share(
            line.payee_id,
            line.share_source,
            new.share,
            currency=order.currency,
            transfer_group=order.transfer_group,
            source_transaction=charge,
            sourced_limit=sourced,
            now=now,
        )
    return change


def reprice(order: Order, *, now: datetime) -> Change:
    """Cut a paid order again after something changed; answers the legs of the difference."""
    lines = lines_of(order)
    standing = standing_of(order)
    change = _goodwill_change(order, standing)
    for line, new in zip(lines, cuts(standing, terms_of(lines)), strict=True):
        change[REVENUE] += line.fee - new.fee
        if line.payee_id is not None:
            change.update(resize_share(line.share_source, new.share, now=now))
        _keep(line, new)
    return change


def _keep(line: OrderLine, new: Cut) -> None:
    line.share, line.fee = new.share, new.fee
    line.save(update_fields=["share", "fee"])


def _goodwill_change(order: Order, standing: Standing) -> Change:
    change: Change = Counter({GOODWILL: standing.goodwill - order.goodwill})
    order.goodwill = standing.goodwill
    order.save(update_fields=["goodwill"])
    return change
