"""Coaches whose schedules, numbers and bookings a seed decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model

from scheduling.domain.holds import hold_slot
from scheduling.domain.schedules import replace_availability, sell_from
from scheduling.domain.terms import SessionTerms
from scheduling.queries.slots import open_starts
from scheduling.rules.availability import WEEKDAYS
from scheduling.rules.availability_input import parse_availability

NOW = datetime(2026, 10, 20, 7, 38, 12, tzinfo=UTC)
"""Some days before the clocks change in Europe, and in the middle of a minute."""
ZONES = ["Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati"]


def wall_pair(random):
    start = random.randrange(0, 1380, random.choice([5, 15, 30, 60]))
    end = min(1440, start + random.choice([45, 60, 180, 480, 1440]))
    return [f"{start // 60:02}:{start % 60:02}", f"{end // 60:02}:{end % 60:02}"]


def availability(random, now=NOW):
    today = now.date()
    return {
        "timezone": random.choice(ZONES),
        "weekly": {day: [wall_pair(random) for _ in range(random.choice([0, 1, 1, 2]))] for day in WEEKDAYS},
        "rules": [
            {
                "rrule": random.choice(
                    ["FREQ=WEEKLY;INTERVAL=2", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=-1FR"]
                ),
                "from": f"{today + timedelta(days=random.randrange(5))}",
                "windows": [wall_pair(random)],
            }
        ],
        "overrides": [
            {"date": f"{today + timedelta(days=random.randrange(1, 5))}", "windows": []},
            {"date": f"{today + timedelta(days=random.randrange(5, 9))}", "windows": [wall_pair(random)]},
        ],
        "time_off": [
            {
                "starts_at": (now + timedelta(hours=random.randrange(30, 100))).isoformat(),
                "ends_at": (now + timedelta(hours=100 + random.randrange(30))).isoformat(),
            }
        ],
        "travel": [
            {
                "from": f"{today + timedelta(days=3)}",
                "to": f"{today + timedelta(days=random.randrange(3, 9))}",
                "timezone": random.choice(ZONES),
            }
        ],
        "slot_interval_minutes": random.choice([5, 15, 20, 25, 30, 45, 60, 90]),
        "buffer_before_minutes": random.choice([0, 0, 10, 60]),
        "buffer_after_minutes": random.choice([0, 0, 15, 60]),
        "minimum_notice_minutes": random.choice([0, 1, 60, 720, 4000]),
        "booking_window_days": random.choice([3, 7, 12]),
        "max_per_day": random.choice([None, None, 1, 2]),
        "max_per_week": random.choice([None, None, 2, 4]),
    }


def coach(random, name, *, shortest=None, now=NOW):
    """A coach with that schedule who sells sessions of ``shortest`` minutes."""
    user = get_user_model().objects.create(email=f"{name}@demo.test", name=name)
    stated = parse_availability(availability(random, now), default_timezone="UTC")
    replace_availability(user, stated, by=user, now=now)
    sell_from(user, shortest or random.choice([15, 30, 45, 60, 90]), now=now)
    return user


def book_some(random, user, candidate, *, many=5, paid=0.3, now=NOW):
    """Take some of the starts that are shown: each of them can be had. The search is not told."""
    for _ in range(many):
        minutes = random.choice([30, 60])
        free = open_starts(
            user.pk, duration_minutes=minutes, from_at=now, to_at=now + timedelta(days=14), now=now
        )
        free = [start for start in free if not _is_near_a_booking(start, candidate)]
        if not free:
            return
        terms = SessionTerms("mock", minutes, paid=random.random() < paid, needs_approval=False, terms="mock")
        hold_slot(
            coach_id=user.pk,
            candidate=candidate,
            starts_at=random.choice(free),
            terms=terms,
            timezone="UTC",
            now=now,
        )


def _is_near_a_booking(start, candidate):
    return any(abs(start - booking.starts_at) < timedelta(hours=2) for booking in candidate.bookings.live())
