"""Numbers of money coming in."""

from __future__ import annotations

from datetime import timedelta

# Stripe takes 30 minutes to 24 hours; ten minutes more let a repeat of the same frozen parameters pass.
CHECKOUT_LENGTH = timedelta(minutes=40)
# After this a session counts as closed even when Stripe cannot be asked (scheduling.md, rule 12).
CHECKOUT_GRACE = timedelta(minutes=5)

# Business days until a card's bank shows a refund (source: Stripe, "Refund and cancel payments").
CARD_SHOWS_A_REFUND = (5, 10)

# A TAX_MODE: Stripe calculates what of a price is tax. The other one is *none*.
TAX_BY_STRIPE = "stripe"

# The least a card can be charged, minor units (source: Stripe, "Minimum and maximum charge amounts").
_LEAST_CHARGE = {
    "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400,
    "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "nok": 300, "nzd": 50, "pln": 200, "sek": 300, "sgd": 50,
    "usd": 50,
}  # fmt: skip


def least_charge(currency: str) -> int:
    """Minor units; for a currency Stripe names no minimum of, any amount may be tried."""
    return _LEAST_CHARGE.get(currency, 1)


def is_price(amount: int, currency: str) -> bool:
    """A price is nothing, or enough for a card."""
    return amount == 0 or amount >= least_charge(currency)
