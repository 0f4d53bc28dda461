"""Coaches and bookings in bulk, as rows: what the scheduling benchmarks stand on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from accounts.models import User

NOW = datetime(2026, 11, 24, 8, 3, tzinfo=UTC)
WEEKLY = {
    day: [["09:00", "12:00"], ["13:00", "17:30"]]
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}
NUMBERS = {"buffer_before_minutes": 5, "buffer_after_minutes": 10, "max_per_day": 6, "max_per_week": 25}

PEOPLE = """
INSERT INTO accounts_user (password, is_superuser, email, name, timezone, is_active, is_staff, joined_at)
SELECT '', false, %(kind)s || n || '@load.test', %(kind)s || n, 'Europe/Berlin', true, false, %(now)s
FROM generate_series(1, %(many)s) n RETURNING id
"""
POLICY = """
INSERT INTO scheduling_cancellationpolicy (tiers, grace_minutes, grace_from_hours, digest, created_at)
VALUES ('[]', 60, 24, 'load', %(now)s)
ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING id
"""
# The n-th booking of a coach lies n times seven hours from now: most are over, the rest are confirmed.
BOOKINGS = """
INSERT INTO scheduling_booking (
    id, coach_id, candidate_id, state, starts_at, ends_at, period, blocked, offer, terms, needs_approval,
    timezone, policy_id, created_at, guarded, decline_reason, expired_from, sequence
)
SELECT gen_random_uuid(), coach, candidate, CASE WHEN n < 0 THEN 'completed' ELSE 'confirmed' END,
       at, at + '1 hour', tstzrange(at, at + '1 hour'),
       tstzrange(at - '5 min'::interval, at + '70 min'::interval),
       'mock', 'mock', false, 'UTC', %(policy)s, %(now)s, false, '', '', 0
FROM unnest(%(coaches)s, %(candidates)s) AS pairs (coach, candidate),
     generate_series(%(first)s, %(last)s) n,
     LATERAL (SELECT date_trunc('hour', %(now)s::timestamptz) + n * '7 hours'::interval AS at) of_n
"""


def people(kind: str, many: int) -> list[int]:
    """So many people; their ids."""
    return [pk for (pk,) in _execute(PEOPLE, kind=kind, many=many, now=NOW)]


def bookings(coaches: list[int], candidates: list[int], *, each: int, ahead: int) -> None:
    """``each`` bookings per coach, ``ahead`` of them in the future."""
    [(policy,)] = _execute(POLICY, now=NOW)
    numbers = {"first": ahead - each, "last": ahead - 1, "policy": policy, "now": NOW}
    _execute(BOOKINGS, coaches=coaches, candidates=candidates, **numbers)
    _execute("ANALYZE")


def with_schedule(coach: User, **body: Any) -> None:
    """Let the application itself state and build a schedule."""
    from scheduling.domain.schedules import replace_availability, sell_from  # noqa: PLC0415
    from scheduling.rules.availability_input import parse_availability  # noqa: PLC0415

    stated = parse_availability(
        {"timezone": "Europe/Berlin", "weekly": WEEKLY, **NUMBERS, **body}, default_timezone="UTC"
    )
    replace_availability(coach, stated, by=coach, now=NOW)
    sell_from(coach, 60, now=NOW)


def windows_like(coach_id: int, others: list[int]) -> None:
    """Give others the windows of one coach, row by row."""
    _execute(
        'INSERT INTO scheduling_openwindow (coach_id, "on", period, anchor_at)'
        ' SELECT other, "on", period, anchor_at FROM scheduling_openwindow, unnest(%(others)s) AS other'
        " WHERE coach_id = %(coach)s",
        coach=coach_id,
        others=others,
    )


def _execute(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def month() -> tuple[datetime, datetime]:
    """The thirty days that are asked for."""
    return NOW, NOW + timedelta(days=30)
