"""Numbers of money coming in."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from core.money import half_up, smallest_step

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
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
    # Stripe names none of these: what half a US dollar comes to, about.
    "bhd": 190, "isk": 7000, "jod": 360, "krw": 700, "kwd": 160, "omr": 200, "tnd": 1600, "twd": 1700,
    "ugx": 180000,
}  # fmt: skip


def least_charge(currency: str) -> int:
    """Minor units; for a currency we know no minimum of, any step may be tried."""
    return _LEAST_CHARGE.get(currency, smallest_step(currency))


def worth(cents: int, currency: str) -> int:
    """What so many US cents come to, about, in whole steps, as least charges compare: for made-up prices."""
    return half_up(Fraction(cents * least_charge(currency), least_charge("usd")), smallest_step(currency))


def is_price(amount: int, currency: str) -> bool:
    """A price is nothing, or enough for a card, in whole steps of its currency."""
    return amount == 0 or (amount >= least_charge(currency) and amount % smallest_step(currency) == 0)


def balance_owner(person_id: int) -> str:
    """Who a person's balance belongs to, as the ledger calls him."""
    return f"user:{person_id}"


# What a bank is told of a dispute, by Stripe's names (source: Stripe API reference, "Update a dispute").
EVIDENCE_FIELDS = frozenset(
    {
        "access_activity_log",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_email_address",
        "customer_name",
        "product_description",
        "refund_policy_disclosure",
        "service_date",
        "uncategorized_text",
    }
)
# All fields together (same source).
LONGEST_EVIDENCE = 150_000
