"""What rules/money.md says of one order, worked out from the beginning each time: slow, and nothing shared.

Only the words of the rules: what was decided and what the bank and Stripe did, in order. No ledger, no rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


def half_up(amount: Fraction) -> int:
    whole, rest = divmod(amount.numerator, amount.denominator)
    return whole + (2 * rest >= amount.denominator)


@dataclass
class Complaint:
    """A dispute at the bank: what it took, and what became of that."""

    amount: int
    outcome: str = ""


@dataclass
class Story:
    """One order of one session: 20 % fee, ``card`` paid by card and ``balance`` with balance."""

    card: int
    balance: int = 0
    refunded: int = 0
    lost: int = 0
    excess: int = 0
    sent_back: int = 0
    waits: int = 0
    by_bank: int = 0
    given_balance: int = 0
    card_refunded: int = 0
    complaints: list[Complaint] = field(default_factory=list)

    @property
    def paid(self) -> int:
        return self.card + self.balance

    @property
    def kept(self) -> int:
        return self.paid - self.refunded - self.lost

    @property
    def fee(self) -> int:
        return half_up(Fraction(self.kept * 20, 100))

    @property
    def share(self) -> int:
        return self.kept - self.fee

    @property
    def suspended(self) -> int:
        return sum(complaint.amount for complaint in self.complaints if not complaint.outcome)

    @property
    def is_disputed(self) -> bool:
        return any(not complaint.outcome for complaint in self.complaints)

    def refund(self, percent: int) -> None:
        """Altogether so much of P, card money first. While a bank has the charge, the card gets nothing."""
        wanted = half_up(Fraction(percent * self.paid, 100))
        more = max(self.refunded, min(wanted, self.paid - self.lost)) - self.refunded
        card = min(more, max(0, self.card - self.lost - self.card_refunded))
        self.refunded += more
        self.card_refunded += card
        self.given_balance += more - card
        self.waits += card
        self.settle()

    def dispute(self, amount: int) -> None:
        self.complaints.append(Complaint(amount))

    def decide(self, number: int, outcome: str) -> None:
        complaint = self.complaints[number]
        complaint.outcome = outcome
        if outcome == "lost":
            taken = min(complaint.amount, self.kept)
            self.lost += taken
            self.excess += complaint.amount - taken
        self.settle()

    def settle(self) -> None:
        """The bank gave first what it took beyond what was kept; the rest is sent, or cannot be any more."""
        given = min(self.waits, self.excess)
        self.waits, self.excess, self.by_bank = self.waits - given, self.excess - given, self.by_bank + given
        if self.is_disputed:
            return
        if any(complaint.outcome == "lost" for complaint in self.complaints):
            self.given_balance += self.waits
        else:
            self.sent_back += self.waits
        self.waits = 0

    @property
    def cash(self) -> int:
        """What is left of this payment at Stripe, fees and the coach's share left aside."""
        gone = sum(one.amount for one in self.complaints if one.outcome != "won")
        return self.card - self.sent_back - gone
