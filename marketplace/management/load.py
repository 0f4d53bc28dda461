"""Synthetic coaches and bookings in bulk, for benchmarks.

A few *patterns* are made through the real verbs, booked ahead, and then copied row by row: a copy's windows,
free times and bookings agree with each other because its pattern's do. Past bookings fill the table up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from schedule.models import Event

from accounts.models import User
from core.money import Money
from marketplace.domain.offers import create_offer
from marketplace.domain.profiles import index_profile
from marketplace.models import Coach, Company, Employment, Offer
from marketplace.rules.vocabulary import CoachKind, InterviewType, Language, Seniority
from marketplace.states import CoachState
from payments.rules import worth
from scheduling.domain.free_times import refresh_free_times_of
from scheduling.domain.policies import current_policy
from scheduling.domain.schedules import replace_availability
from scheduling.models import Booking, FreeTimes, OpenWindow, Schedule
from scheduling.rules.availability_input import parse_availability

PATTERNS = 40
AHEAD_OF_A_PATTERN = 20
ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo"]
COMPANIES = [
    "google",
    "meta",
    "amazon",
    "apple",
    "microsoft",
    "stripe",
    "airbnb",
    "uber",
    "netflix",
    "spotify",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

CLONES = """
CREATE TEMPORARY TABLE load_clone ON COMMIT DROP AS
SELECT n, patterns[1 + n %% array_length(patterns, 1)] AS pattern_id, %(prefix)s || n AS name
FROM (SELECT %(patterns)s::bigint[] AS patterns) AS given, generate_series(1, %(many)s) n
"""
PEOPLE = """
INSERT INTO accounts_user (password, is_superuser, email, name, timezone, is_active, is_staff, joined_at)
SELECT '', false, %(prefix)s || n || '@load.test', initcap(%(prefix)s) || ' ' || n, 'UTC',
       true, false, %(now)s
FROM generate_series(1, %(many)s) n
ON CONFLICT (email) DO NOTHING
"""
# A booking every seven hours into the past, each coach with a candidate of his own.
PAST = """
INSERT INTO scheduling_booking (
    id, coach_id, candidate_id, state, starts_at, ends_at, period, blocked, offer, terms, needs_approval,
    timezone, policy_id, created_at, confirmed_at, completed_at, guarded, decline_reason, expired_from,
    sequence
)
SELECT gen_random_uuid(), coach.user_id, candidate.id, 'completed', at, at + '1 hour',
       tstzrange(at, at + '1 hour'), tstzrange(at, at + '1 hour'), 'load', 'load', false,
       'UTC', %(policy)s, at - '3 days'::interval, at - '3 days'::interval, at + '1 hour', false, '', '', 0
FROM (
    SELECT user_id, row_number() OVER (ORDER BY id) AS n FROM marketplace_coach WHERE slug LIKE 'load-%%'
) AS coach
JOIN accounts_user AS candidate ON candidate.email = 'candidate' || coach.n || '@load.test',
     generate_series(1, %(each)s) k,
     LATERAL (SELECT date_trunc('hour', %(now)s::timestamptz) - k * '7 hours'::interval AS at) AS of_k
"""


@dataclass(frozen=True)
class Loaded:
    """How many rows there are now."""

    coaches: int
    bookings: int


def load(*, coaches: int, bookings: int, now: datetime) -> Loaded:
    """Make so many live coaches and, together, so many bookings."""
    random = Random(7)  # noqa: S311  (the same load every time)
    with transaction.atomic():
        _execute(PEOPLE, prefix="candidate", many=coaches, now=now)
        patterns = [_pattern(number, random, now=now) for number in range(min(PATTERNS, coaches))]
        policy = current_policy(now).pk
        for number, pattern in enumerate(patterns):
            _book_ahead(pattern, number, policy, now=now)
            refresh_free_times_of(pattern.user_id, now=now)
        _clone([pattern.user_id for pattern in patterns], coaches - len(patterns), now=now)
        ahead = Booking.objects.filter(offer="load").count()
        _execute(PAST, policy=policy, each=max(0, bookings - ahead) // coaches, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Loaded(
        Coach.objects.filter(slug__startswith="load-").count(), Booking.objects.filter(offer="load").count()
    )


def _pattern(number: int, random: Random, *, now: datetime) -> Coach:
    user = User.objects.create_user(f"pattern{number}@load.test", name=f"Pattern {number}")
    coach = Coach.objects.create(
        user=user,
        slug=f"load-pattern-{number}",
        kind=random.choice([CoachKind.COACH, CoachKind.COACH, CoachKind.MENTOR]),
        state=CoachState.LIVE,
        name=user.name,
        headline="Product sense, metrics and strategy for the loop you are about to sit.",
        seniority=random.choice(Seniority.values),
        interview_types=random.sample(InterviewType.values, 3),
        languages=["en", random.choice(Language.values)],
        created_at=now,
    )
    for code in random.sample(COMPANIES, 2):
        company, _ = Company.objects.get_or_create(code=code, defaults={"name": code.capitalize()})
        Employment.objects.create(coach=coach, company=company, from_year=2015)
    index_profile(coach)
    stated = {"timezone": random.choice(ZONES), "weekly": _weekly(random), "minimum_notice_minutes": 720}
    replace_availability(user, parse_availability(stated, default_timezone="UTC"), by=user, now=now)
    price = 0 if coach.is_mentor else random.randrange(5_000, 20_000, 500)
    cost = Money(worth(price, settings.CURRENCY), settings.CURRENCY)
    offer = {"name": "Mock interview", "duration_minutes": 60, "price": cost}
    create_offer(coach, offer, by=user, now=now)
    return coach


def _weekly(random: Random) -> dict[str, list[list[str]]]:
    days = random.sample(WEEKDAYS, random.randrange(2, 6))
    hours = {day: random.randrange(7, 17) for day in days}
    return {day: [[f"{hour:02}:00", f"{hour + 5:02}:00"]] for day, hour in hours.items()}


def _book_ahead(coach: Coach, number: int, policy: int, *, now: datetime) -> None:
    """An hour at the beginning of every second window ahead."""
    windows = OpenWindow.objects.filter(coach=coach.user_id, period__startswith__gt=now).order_by("period")
    candidate = User.objects.get(email=f"candidate{number + 1}@load.test")
    Booking.objects.bulk_create(
        Booking(
            coach_id=coach.user_id,
            candidate=candidate,
            state="confirmed",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            period=(start, start + timedelta(hours=1)),
            blocked=(start, start + timedelta(hours=1)),
            offer="load",
            terms="load",
            timezone="UTC",
            policy_id=policy,
            created_at=now,
            confirmed_at=now,
        )
        for start in windows.values_list("anchor_at", flat=True)[: 2 * AHEAD_OF_A_PATTERN : 2]
    )


def _clone(patterns: list[int], many: int, *, now: datetime) -> None:
    """Copy each pattern's rows to so many others, table by table."""
    if many <= 0:
        return
    _execute(PEOPLE, prefix="coach", many=many, now=now)
    _execute(CLONES, patterns=patterns, many=many, prefix="coach")
    _execute("ALTER TABLE load_clone ADD user_id bigint, ADD candidate_id bigint")
    _execute(
        "UPDATE load_clone SET user_id = coach.id, candidate_id = candidate.id"
        " FROM accounts_user AS coach, accounts_user AS candidate"
        " WHERE coach.email = load_clone.name || '@load.test'"
        " AND candidate.email = 'candidate' || (load_clone.n + %(first)s) || '@load.test'",
        first=len(patterns),
    )
    _copy(Coach, of="user_id", name="c.name", slug="'load-' || c.name", private_code="'load' || c.n")
    coach = "(SELECT id FROM marketplace_coach WHERE user_id = {pattern})"
    for model in (Offer, Employment):
        _copy(model, of="coach_id", through=coach)
    _execute("INSERT INTO schedule_calendar (name, slug) SELECT name, 'load-' || name FROM load_clone")
    calendar = "(SELECT id FROM schedule_calendar WHERE slug = 'load-' || c.name)"
    _copy(Schedule, of="coach_id", calendar_id=calendar)
    _copy(
        Event,
        of="calendar_id",
        through="(SELECT calendar_id FROM scheduling_schedule WHERE coach_id = {pattern})",
    )
    for clocked in (OpenWindow, FreeTimes):
        _copy(clocked, of="coach_id")
    _copy(Booking, of="coach_id", id="gen_random_uuid()", candidate_id="c.candidate_id")


def _copy(model: type[models.Model], *, of: str, through: str = "{pattern}", **changed: str) -> None:
    """Rows of the patterns again for their clones; ``of`` leads to the coach, by way of ``through``."""
    table = model._meta.db_table
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField | models.GeneratedField)
    ]
    values = {of: through.format(pattern="c.user_id"), **changed}
    chosen = ", ".join(values.get(str(name), f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    _execute(
        f"INSERT INTO {table} ({names}) SELECT {chosen} FROM load_clone AS c"  # noqa: S608  (our own names)
        f" JOIN {table} AS t ON t.{of} = {through.format(pattern='c.pattern_id')}"
    )


def _execute(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
