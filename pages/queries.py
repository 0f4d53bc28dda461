"""What the home page asks of the marketplace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Avg

from core.templatetags.formats import in_zone, relative_day, thousands
from marketplace.models import Coach, Review, Scorecard, Session
from marketplace.queries.coaches import next_starts_of
from marketplace.queries.directory import Filters, count_all, search
from scheduling.states import BookingState, Side

PROOF_LASTS_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Departure:
    """A line of the board: this coach can be booked for this instant, ``day`` says which day it is there."""

    coach: Coach
    starts_at: datetime
    day: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number from the database, written for people."""

    value: str
    label: str


def free_soonest(zone: ZoneInfo, *, now: datetime, limit: int = 3) -> list[Departure]:
    """Who can be booked first within the next seven days, the earliest first."""
    coaches = list(
        search(Filters(free=("week",), zone=zone, ordering="next_free"), now=now).with_words()[:limit]
    )
    starts = next_starts_of(coaches, now=now)
    return [
        Departure(coach, start, relative_day(start, zone, now))
        for coach in coaches
        if (start := starts.get(coach.user_id))
    ]


def all_today(board: list[Departure], zone: ZoneInfo, *, now: datetime) -> bool:
    """Whether the board may call itself *Free today*."""
    today = in_zone(now, zone).date()
    return all(in_zone(line.starts_at, zone).date() == today for line in board)


def proof() -> list[Figure]:
    """What happened here so far; nothing that is still zero. Counted anew every five minutes."""
    return cache.get_or_set("pages.proof", _count, PROOF_LASTS_SECONDS) or []


def _count() -> list[Figure]:
    people = count_all()
    reviews = Review.objects.filter(side=Side.CANDIDATE)
    counts = (
        (people["coach"], "coaches"),
        (people["mentor"], "mentors, for free"),
        (Session.objects.filter(booking__state=BookingState.COMPLETED).count(), "sessions held"),
        (Scorecard.objects.count(), "scorecards written"),
    )
    figures = [Figure(thousands(count), label) for count, label in counts if count]
    mean = reviews.aggregate(mean=Avg("rating"))["mean"]
    return [*figures, Figure(f"{mean:.1f}", "average of verified reviews")] if mean else figures
