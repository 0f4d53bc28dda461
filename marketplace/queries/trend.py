"""How a candidate's marks moved from session to session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Count, Sum

from accounts.models import User
from core.money import half_up
from marketplace.models import Scorecard


@dataclass(frozen=True)
class TrendPoint:
    """The mean level of one session in tenths of a level (10 to 50)."""

    at: datetime
    tenths: int

    def __str__(self) -> str:
        return f"{self.tenths // 10}.{self.tenths % 10}"


def trend_of(candidate: User, *, coach: User | None = None) -> list[TrendPoint]:
    """One point per scorecard, oldest session first; with ``coach`` only those he wrote."""
    cards = Scorecard.objects.filter(session__booking__candidate=candidate)
    if coach is not None:
        cards = cards.filter(session__booking__coach=coach)
    rows = (
        cards.annotate(total=Sum("marks__level"), count=Count("marks"))
        .filter(count__gt=0)
        .order_by("session__booking__starts_at")
        .values_list("session__booking__starts_at", "total", "count")
    )
    return [TrendPoint(at, half_up(Fraction(10 * total, count))) for at, total, count in rows]
