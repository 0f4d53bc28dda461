"""How far one can rely on a coach: sessions held, sessions honoured, how fast requests are answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Aggregate, Count, DurationField, F, Q
from django.db.models.functions import Coalesce

from scheduling.models import Booking
from scheduling.states import BookingState

LATELY = timedelta(days=90)


class Median(Aggregate):
    """The middle value of a group."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Reputation:
    """``held`` in all; ``honoured_percent`` of the last 90 days; ``answers_in`` the median; None: no data."""

    held: int = 0
    honoured_percent: int | None = None
    answers_in: timedelta | None = None


def reputations(coach_user_ids: Collection[int], *, now: datetime) -> dict[int, Reputation]:
    """By the coach's user id, in one query for all of them."""
    since = now - LATELY
    lately = Q(starts_at__gte=since)
    completed = Q(state=BookingState.COMPLETED)
    let_down = Q(state=BookingState.CANCELLED, confirmed_at__isnull=False, cancelled_by=F("coach")) | Q(
        state=BookingState.NO_SHOW_COACH
    )
    rows = (
        Booking.objects.filter(coach__in=coach_user_ids)
        .values("coach")
        .annotate(
            held=Count("pk", filter=completed),
            kept=Count("pk", filter=completed & lately),
            broken=Count("pk", filter=let_down & lately),
            answers_in=Median(
                Coalesce("confirmed_at", "declined_at") - F("requested_at"),
                filter=Q(requested_at__gte=since),
            ),
        )
        .order_by()
    )
    return {
        row["coach"]: _reputation(row["held"], row["kept"], row["broken"], row["answers_in"]) for row in rows
    }


def _reputation(held: int, kept: int, broken: int, answers_in: timedelta | None) -> Reputation:
    honoured = kept * 100 // (kept + broken) if kept + broken else None
    return Reputation(held, honoured, answers_in)
