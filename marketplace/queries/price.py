"""A price broken down, and the policy in one sentence, for the pages of the booking flow."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from core.money import Money
from payments.models import Order


class Price(NamedTuple):
    """``lines`` of (label, amount), and the last line that they come to."""

    lines: list[tuple[str, Money]]
    total: tuple[str, Money]


def price_of(order: Order, label: str) -> Price:
    """What a session costs, what the buyer's balance takes of it, what the card is asked for."""
    lines = [(label, Money(order.price, order.currency))]
    if order.balance_wanted:
        lines.append(("From your balance", Money(-order.balance_wanted, order.currency)))
    return Price(lines, ("Paid" if order.is_paid else "To pay", order.to_pay))


def policy_words() -> str:
    """The candidate's side of the policy in one sentence, from the settings in force."""
    tiers = sorted(settings.CANCELLATION_TIERS, key=lambda tier: -tier["from_hours"])
    said = [
        f"{tier['refund_percent']} % back until {tier['from_hours']} hours before"
        for tier in tiers
        if tier["from_hours"]
    ]
    return f"{', '.join(said)}, then none."
