"""The fee arithmetic of rules/money.md, *Words and splits* 2: pure, integers of minor units, one place.

P is what was paid (card and balance), r what was refunded, l what disputes took; g0 the platform's discount;
T the tax in P, which is cut out before shares and fees. Everything is computed from what is kept now, so any
sequence of partial refunds ends where one refund of their sum would have ended.

An order is the sum of its lines, and each line is computed by itself: what becomes of one session of a series
moves no cent of another. Every result is a whole number of the currency's steps, where what goes in is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.money import half_up, part_of

WHOLE = 100  # percent


@dataclass(frozen=True)
class Standing:
    """A line's money: ``paid`` P, ``discount`` g0, ``refunded`` r, ``lost`` l, and the percent given back.

    The percent matters only where nothing was paid: then it alone says what of the discount is still used.
    ``tax`` is T; ``step`` the smallest that Stripe moves in the currency.
    """

    paid: int
    discount: int = 0
    refunded: int = 0
    lost: int = 0
    refunded_percent: int = 0
    tax: int = 0
    step: int = 1

    @property
    def kept(self) -> int:
        """P − r − l, as shown to people."""
        return self.paid - self.refunded - self.lost

    @property
    def tax_kept(self) -> int:
        """What of the tax is in what is kept; the rest has gone back with what it was the tax of."""
        return half_up(Fraction(self.tax * self.kept, self.paid), self.step) if self.paid else 0

    @property
    def goodwill(self) -> int:
        """g: what of the discount is used by what is kept, without tax: nobody paid any on it."""
        if not self.paid:
            return half_up(Fraction(self.discount * (WHOLE - self.refunded_percent), WHOLE), self.step)
        without_tax = Fraction(self.paid - self.tax, self.paid)
        return half_up(self.discount * without_tax * Fraction(self.kept, self.paid), self.step)

    @property
    def commissionable(self) -> int:
        """K = P − r − l + g, less the tax."""
        return self.kept - self.tax_kept + self.goodwill


@dataclass(frozen=True)
class Cut:
    """A line's part of K: ``share`` to the payee, ``fee`` to the platform."""

    share: int
    fee: int


def cut(commissionable: int, rate_bp: int, *, has_payee: bool = True, step: int = 1) -> Cut:
    """The fee is rounded half up, the share is the rest; without a payee all of it is the platform's."""
    fee = part_of(commissionable, rate_bp, step) if has_payee else commissionable
    return Cut(commissionable - fee, fee)


def refund_target(standing: Standing, percent: int) -> int:
    """What is given back altogether after a refund of ``percent`` of P; never less than is already."""
    wanted = half_up(Fraction(percent * standing.paid, WHOLE), standing.step)
    return max(standing.refunded, min(wanted, standing.paid - standing.lost))


def refund_parts(amount: int, card_left: int) -> tuple[int, int]:
    """Card money goes back first, then balance."""
    card = min(amount, card_left)
    return card, amount - card


def balance_to_use(to_pay: int, available: int, least_charge: int) -> int:
    """How much balance is taken, so that the card pays nothing or at least the minimum."""
    use = min(to_pay, available)
    if 0 < to_pay - use < least_charge:
        return max(0, to_pay - least_charge)
    return use
