"""Entries and sums of a statement as their payee is told about them, on the page and on paper."""

from __future__ import annotations

from datetime import date

from core.money import Money
from core.templatetags.formats import MONTHS, money
from payouts.queries.statements import Line, Places, Statement

TOLD = {
    "pay": "Earned",
    "rate": "The fee was fixed when the booking was confirmed",
    "refund": "Given back to the candidate",
    "release": "Released to your account at Stripe",
    "release_refused": "Stripe could not take it: held again",
    "netting": "Kept for what you owed",
    "reversal": "Taken back from your account at Stripe",
    "payout": "A payout left for your bank",
    "payout_paid": "A payout arrived at your bank",
    "payout_unpaid": "Your bank sent a payout back",
    "payout_returned": "A payout came back to your account at Stripe",
    "dispute_lost": "Lost in a dispute",
}
PLACE_NAMES = ("Held", "Available", "On its way", "Owed", "Together")


def told(line: Line) -> str:
    """What happened, in a few words."""
    return TOLD.get(line.kind) or line.kind.replace("_", " ").capitalize()


def month_of(day: date) -> str:
    """``November 2026``."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def told_sums(statement: Statement) -> list[tuple[str, Money]]:
    """What leads from the opening balance to the closing one; rows of nothing are left out but for both."""
    sums = statement.sums
    between = [
        ("Earned, before fees", sums.earned),
        ("Given back to candidates", sums.refunded),
        ("Lost in disputes", sums.lost),
        ("Other", sums.other),
        ("Fees", -sums.fees),
        ("Paid out", sums.paid_out),
    ]
    rows = [("At the beginning", sums.opening), *((name, amount) for name, amount in between if amount)]
    return [(name, statement.money(amount)) for name, amount in [*rows, ("At the end", sums.closing)]]


def told_places(statement: Statement) -> list[tuple[str, list[str]]]:
    """What each movement did to each of ``PLACE_NAMES``, between what lay there before and after."""
    rows = [
        ("At the beginning", statement.opening),
        *((movement.label, places) for movement, places in statement.movements),
        ("At the end", statement.closing),
    ]
    return [(name, _amounts(statement, places)) for name, places in rows]


def _amounts(statement: Statement, places: Places) -> list[str]:
    amounts = (places.held, places.available, places.in_transit, places.debt, places.total)
    return [money(statement.money(amount)) if amount else "–" for amount in amounts]
