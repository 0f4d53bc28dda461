"""Smallest amounts Stripe charges."""

from __future__ import annotations

from stripe_emulator.errors import Invalid

MINIMUMS = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp":
    30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MOST = 99_999_999


def check_currency(currency: str) -> str:
    """The currency in lower case, or `Invalid`."""
    if currency.lower() not in MINIMUMS:
        raise Invalid(f"Invalid currency: {currency}", code="parameter_invalid", param="currency")
    return currency.lower()


def check_charge(amount: int, currency: str, param: str = "amount") -> None:
    """`Invalid` for what is too little or too much to charge."""
    least = MINIMUMS[currency]
    if amount < least:
        raise Invalid(
            f"Amount must be at least {least} {currency} (in minor units).",
            code="amount_too_small",
            param=param,
        )
    if amount > MOST:
        raise Invalid(f"Amount must be no more than {MOST}.", code="amount_too_large", param=param)
