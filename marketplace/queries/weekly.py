"""What repeating a time every week would come to: each date, and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from core.money import Money
from marketplace.models import Offer
from scheduling.models import Booking
from scheduling.queries.slots import open_starts
from scheduling.queries.why import why_not
from scheduling.rules.weekly import weekly
from scheduling.states import BookingState

INSTANT = timedelta(microseconds=1)
WEEK = timedelta(days=7)
HALF_A_WEEK = WEEK // 2

WORDS = {
    "past": "This has passed",
    "notice": "Too soon to be booked",
    "booking_window": "Bookings are not open so far ahead",
    "daily_limit": "This day is full",
    "weekly_limit": "This week is full",
    "day_off": "A day off",
    "time_off": "Time off",
    "outside_hours": "Outside working hours",
    "off_grid": "No session starts at this minute",
    "booked": "Taken",
}
OTHERWISE = "Not free"
OWN_SESSION = "You have another session then"


@dataclass(frozen=True)
class Occurrence:
    """One date of the series. ``refusal``: why it cannot be had, in words; empty where it can.

    ``shift``: how much later than the first one it is for the reader, whose clocks change at other times
    than the coach's.
    """

    starts_at: datetime
    refusal: str
    shift: timedelta


def occurrences(
    offer: Offer, first: datetime, times: int, *, zone: ZoneInfo, viewer: User | None, now: datetime
) -> list[Occurrence]:
    """``times`` weeks from ``first`` on, by the coach's clocks, for somebody who reads them in ``zone``.

    Four queries, and those of ``why_not`` for each that cannot be had.
    """
    coach_id, minutes = offer.coach.user_id, offer.duration_minutes
    starts = weekly(first, times, offer.coach.timezone)
    free = set(
        open_starts(
            coach_id, duration_minutes=minutes, from_at=starts[0], to_at=starts[-1] + INSTANT, now=now
        )
    )
    own = _own(viewer, starts, minutes)
    # What he holds with this coach is given back for a new choice.
    held = [each for each in own if each.coach_id == coach_id and each.state == BookingState.HELD]
    others = [each for each in own if each not in held]

    def refusal(start: datetime) -> str:
        if any(each.starts_at == start for each in held):
            return ""
        if _is_busy(others, start, minutes):
            return OWN_SESSION
        if start in free:
            return ""
        why = why_not(coach_id, duration_minutes=minutes, at=start, now=now)
        return WORDS.get(why.reason or "", OTHERWISE)

    return [Occurrence(start, refusal(start), _shift(first, start, zone)) for start in starts]


@dataclass(frozen=True)
class Sum:
    """What ``count`` sessions of an offer cost together."""

    count: int
    each: Money

    @property
    def total(self) -> Money:
        return Money(self.count * self.each.minor, self.each.currency)


def _own(viewer: User | None, starts: Sequence[datetime], minutes: int) -> list[Booking]:
    if viewer is None:
        return []
    end = starts[-1] + timedelta(minutes=minutes)
    own = Booking.objects.live().filter(candidate=viewer, starts_at__lt=end, ends_at__gt=starts[0])
    return list(own)


def _is_busy(others: Sequence[Booking], start: datetime, minutes: int) -> bool:
    end = start + timedelta(minutes=minutes)
    return any(each.starts_at < end and each.ends_at > start for each in others)


def _shift(first: datetime, start: datetime, zone: ZoneInfo) -> timedelta:
    """By the reader's wall: whole weeks after the first one there is none."""
    apart = start.astimezone(zone).replace(tzinfo=None) - first.astimezone(zone).replace(tzinfo=None)
    return (apart + HALF_A_WEEK) % WEEK - HALF_A_WEEK
