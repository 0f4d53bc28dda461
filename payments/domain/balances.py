"""What we owe a buyer and he may spend: compensation, and money that could not go back to a card.

The ledger holds it. What open orders have taken is not spent yet, so it stays in the ledger and is only
subtracted here; one lock a person keeps two orders from taking the same money.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum

from core.errors import InvalidError
from core.locks import lock
from core.money import Money, smallest_step
from payments.domain.pricing import GOODWILL, customer_balance
from payments.models import Order
from payouts.domain import ledger
from payouts.queries.ledger import balance as on_account

if TYPE_CHECKING:
    from accounts.models import User


def balance_of(user: User, currency: str) -> Money:
    """What a person may spend now."""
    return Money(available(user.pk, currency), currency)


def available(user_id: int, currency: str) -> int:
    """Minor units on the ledger less what open orders have taken."""
    account = customer_balance(user_id)
    return -on_account(account.kind, account.owner, currency=currency) - taken(user_id, currency)


def taken(user_id: int, currency: str) -> int:
    """Minor units that open orders have taken: spent when they are paid, free again when they are closed."""
    orders = Order.objects.open().filter(buyer=user_id, currency=currency, balance__gt=0)
    total: int | None = orders.aggregate(total=Sum("balance"))["total"]
    return total or 0


def lock_balance(user_id: int) -> None:
    """Nobody else takes from this person's balance until the running transaction ends."""
    lock("customer_balance", user_id)


@transaction.atomic
def compensate(user: User, amount: int, *, currency: str, source: str, now: datetime) -> bool:
    """Give a person ``amount`` of ours to spend, once per source. False when it was given before."""
    if amount < 0:
        raise InvalidError("A compensation gives; it takes nothing away.")
    if amount % smallest_step(currency):
        # It would leave the card a part of a step to pay.
        raise InvalidError(f"A compensation is a multiple of {smallest_step(currency)} minor units.")
    legs = {GOODWILL: amount, customer_balance(user.pk): -amount}
    return ledger.post("compensation", source, legs, currency=currency, now=now) is not None
