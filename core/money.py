"""Money is an integer of minor units with a currency; shares lose no cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from moneyed import get_currency

BASIS = 10_000  # basis points in a whole

# How Stripe counts is what counts here; in some currencies ISO 4217 counts otherwise
# (source: Stripe, "Supported currencies": zero-decimal, three-decimal and special cases).
_ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
_THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Two decimals in every amount, which are always zeros.
_WHOLE_TO_STRIPE = frozenset({"isk", "ugx"})


@cache
def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit as Stripe counts it: 2 for usd, 0 for jpy, 3 for kwd.

    Raises:
        CurrencyDoesNotExist: ISO 4217 knows none of this code.
    """
    code = currency.lower()
    get_currency(code.upper())
    if code in _ZERO_DECIMAL:
        return 0
    return 3 if code in _THREE_DECIMAL else 2


def smallest_step(currency: str) -> int:
    """Stripe moves multiples of this many minor units only: 1 for usd and jpy, 10 for kwd, 100 for isk.

    Whatever is to move there is counted in steps from the start, so nothing is left over at the end.
    """
    if currency in _WHOLE_TO_STRIPE:
        return 100
    return 10 if currency in _THREE_DECIMAL else 1


def written_places(currency: str) -> int:
    """Decimal places of an amount that is whole steps, as people type it: 2 for usd and kwd, 0 for isk."""
    return exponent(currency) - (len(str(smallest_step(currency))) - 1)


def half_up(value: Fraction | int, step: int = 1) -> int:
    """The nearest multiple of ``step``; a half goes away from zero."""
    steps = Fraction(value, step)
    magnitude = (2 * abs(steps.numerator) + steps.denominator) // (2 * steps.denominator)
    return step * (magnitude if steps >= 0 else -magnitude)


def part_of(amount: int, basis_points: int, step: int = 1) -> int:
    """``basis_points`` ten-thousandths of ``amount`` minor units, rounded half up to a step."""
    return half_up(Fraction(amount * basis_points, BASIS), step)


def split(amount: int, weights: Sequence[int], step: int = 1) -> list[int]:
    """Cut ``amount`` minor units in proportion to ``weights`` by largest remainder, in whole steps.

    The parts add up to ``amount``; equal remainders favour the earlier part. Of nothing each part is nothing,
    whatever the weights.

    Raises:
        ValueError: a weight is negative, or all are zero; the amount is no number of steps.
    """
    if not amount:
        return [0] * len(weights)
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    steps, rest = divmod(abs(amount), step)
    if rest:
        raise ValueError(f"{amount} is no multiple of {step}")
    shares = [divmod(steps * weight, total) for weight in weights]
    parts = [whole for whole, _ in shares]
    missing = steps - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: (-shares[index][1], index))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return [part * (step if amount > 0 else -step) for part in parts]


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
        """Cut off a share, rounded half up to a step; the two parts always add up to the whole."""
        step = smallest_step(self.currency)
        part = Money(part_of(self.minor, basis_points, step), self.currency)
        return part, self - part

    def as_json(self) -> dict[str, int | str]:
        """``{"amount": minor units, "currency": code}``, the API's form."""
        return {"amount": self.minor, "currency": self.currency}
