"""Money is an integer of minor units with a currency; shares lose no cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from moneyed import get_currency

BASIS = 10_000  # basis points in a whole

# Stripe charges these as if they had another exponent than ISO 4217 gives them
# (source: Stripe, "Supported currencies", special cases).
_STRIPE_EXPONENTS = {"isk": 2, "ugx": 2}


@cache
def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit: 2 for usd, 0 for jpy, 3 for kwd."""
    code = currency.lower()
    if code in _STRIPE_EXPONENTS:
        return _STRIPE_EXPONENTS[code]
    sub_unit: int = get_currency(code.upper()).sub_unit
    return len(str(sub_unit)) - 1


def half_up(value: Fraction | int) -> int:
    """The nearest integer; a half goes away from zero."""
    fraction = Fraction(value)
    magnitude = (2 * abs(fraction.numerator) + fraction.denominator) // (2 * fraction.denominator)
    return magnitude if fraction >= 0 else -magnitude


def part_of(amount: int, basis_points: int) -> int:
    """``basis_points`` ten-thousandths of ``amount`` minor units, rounded half up."""
    return half_up(Fraction(amount * basis_points, BASIS))


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Cut ``amount`` minor units in proportion to ``weights`` by largest remainder.

    The parts add up to ``amount``; equal remainders favour the earlier part. Of nothing each part is nothing,
    whatever the weights.

    Raises:
        ValueError: a weight is negative, or all are zero.
    """
    if not amount:
        return [0] * len(weights)
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    sign = 1 if amount >= 0 else -1
    shares = [divmod(abs(amount) * weight, total) for weight in weights]
    parts = [whole for whole, _ in shares]
    missing = abs(amount) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: (-shares[index][1], index))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]


class CurrencyMismatchError(ValueError):
    """Two currencies met in one sum: a programmer's error, never a user's."""


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """An amount of ``minor`` units of an ISO 4217 currency, its code in lower case."""

    minor: int
    currency: str

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def share(self, basis_points: int) -> tuple[Money, Money]:
        """Cut off a share, rounded half up; the two parts always add up to the whole."""
        part = Money(part_of(self.minor, basis_points), self.currency)
        return part, self - part

    def as_json(self) -> dict[str, int | str]:
        """``{"amount": minor units, "currency": code}``, the API's form."""
        return {"amount": self.minor, "currency": self.currency}
