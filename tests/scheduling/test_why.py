"""Why a time is not offered: the first rule that refuses it, in the order of the rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from scheduling.domain.schedules import replace_availability
from scheduling.models import Schedule
from scheduling.queries.slots import open_starts
from scheduling.queries.why import why_not
from scheduling.rules.availability_input import parse_availability
from scheduling.states import BookingState as S
from tests.scheduling import random_coaches
from tests.scheduling.stage import row

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday."""
MORNINGS = {
    "timezone": "UTC",
    "weekly": {day: [["09:00", "12:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    "booking_window_days": 10,
}


def state(coach, **body):
    stated = parse_availability({**MORNINGS, **body}, default_timezone="UTC")
    replace_availability(coach, stated, by=coach, now=NOW)


def at(day, hour=9, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def reason(coach, instant, *, minutes=60, now=NOW, **kwargs):
    why = why_not(coach.pk, duration_minutes=minutes, at=instant, now=now, **kwargs)
    assert why.bookable is (why.reason is None)
    assert bool(why.detail) is (why.reason is not None)
    assert "{" not in why.detail
    return why.reason


def test_a_start_that_is_offered_needs_no_reason(ada):
    state(ada)

    assert reason(ada, at(25)) is None


def test_each_rule_has_its_code(ada, ben):
    state(
        ada,
        overrides=[
            {"date": "2026-11-27", "windows": []},
            {"date": "2026-11-28", "windows": [["09:00", "10:00"]]},
        ],
        time_off=[{"starts_at": "2026-11-26T09:00:00Z", "ends_at": "2026-11-26T10:00:00Z"}],
    )
    row(ada, ben, S.CONFIRMED, at(25, 10), now=NOW, buffer=10)

    assert reason(ada, NOW - timedelta(microseconds=1)) == "past"
    assert reason(ada, NOW) == "notice"
    assert reason(ada, at(24, 9)) == "notice"
    assert reason(ada, datetime(2026, 12, 5, 9, tzinfo=UTC)) == "booking_window"
    assert reason(ada, datetime(2026, 12, 4, 9, tzinfo=UTC)) is None
    assert reason(ada, at(27)) == "day_off"
    assert reason(ada, at(26)) == "time_off"
    assert reason(ada, at(26, 9, 30)) == "time_off"
    assert reason(ada, at(26, 10)) is None
    assert reason(ada, at(28, 10)) == "outside_hours"
    assert reason(ada, at(29)) == "outside_hours"
    assert reason(ada, at(26, 11, 30)) == "outside_hours"
    assert reason(ada, at(25, 9, 30)) == "booked"
    assert reason(ada, at(25, 9)) == "booked"
    assert reason(ada, at(26, 10, 10)) == "off_grid"
    assert reason(ada, at(26, 10) + timedelta(seconds=1)) == "off_grid"


def test_limits_come_after_overlaps_and_before_the_grid(ada, ben):
    state(ada, max_per_day=1, max_per_week=2)
    row(ada, ben, S.CONFIRMED, at(25, 10), now=NOW)

    assert reason(ada, at(25, 10)) == "booked"
    assert reason(ada, at(25, 9)) == "daily_limit"
    assert reason(ada, at(25, 9), minutes=30) == "daily_limit"
    assert reason(ada, at(25, 11, 1), minutes=30) == "daily_limit"
    row(ada, ben, S.COMPLETED, at(24, 6), now=NOW)
    assert reason(ada, at(25, 9)) == "daily_limit"
    assert reason(ada, at(26, 9)) == "weekly_limit"
    assert reason(ada, at(30, 9)) is None


def test_what_stops_everything_comes_first(ada, ben):
    state(ada, paused_until="2026-11-25T00:00:00Z")
    row(ada, ben, S.CONFIRMED, at(25, 10), now=NOW)

    assert reason(ada, at(23)) == "paused"
    assert reason(ada, at(25, 10)) == "paused"
    assert reason(ada, at(23), seller_reason="inactive") == "inactive"
    assert reason(ada, at(25, 10), seller_reason="quota") == "quota"


def test_a_coach_without_a_schedule_works_at_no_time(cleo):
    assert reason(cleo, at(25)) == "outside_hours"
    assert reason(cleo, at(25), seller_reason="inactive") == "inactive"


def test_a_day_off_is_a_local_date_of_the_place_where_the_coach_is(ada):
    travel = [{"from": "2026-11-26", "to": "2026-11-28", "timezone": "Asia/Tokyo"}]
    state(ada, overrides=[{"date": "2026-11-27", "windows": []}], travel=travel)

    assert reason(ada, at(26, 14, 59)) == "outside_hours"
    assert reason(ada, at(26, 15)) == "day_off"
    assert reason(ada, at(27, 14, 59)) == "day_off"
    assert reason(ada, at(27, 15)) == "outside_hours"


def test_time_off_is_the_reason_only_where_the_session_would_fit_without_it(ada):
    state(ada, time_off=[{"starts_at": "2026-11-25T00:00:00Z", "ends_at": "2026-11-27T00:00:00Z"}])

    assert reason(ada, at(25, 8)) == "outside_hours"
    assert reason(ada, at(25, 9)) == "time_off"
    assert reason(ada, at(25, 11)) == "time_off"
    assert reason(ada, at(25, 11, 30)) == "outside_hours"


def test_a_session_over_midnight_fits_touching_windows(ada):
    weekly = {"wednesday": [["23:00", "24:00"]], "thursday": [["00:00", "01:00"]]}
    state(ada, weekly=weekly)

    assert reason(ada, at(25, 23, 30)) is None
    assert reason(ada, at(26, 0, 30)) == "outside_hours"


def test_it_takes_at_most_eight_questions(ada, django_assert_max_num_queries):
    state(ada, time_off=[{"starts_at": "2026-11-25T00:00:00Z", "ends_at": "2026-11-27T00:00:00Z"}])

    with django_assert_max_num_queries(9):
        reason(ada, at(25))


@pytest.mark.parametrize("seed", range(6))
def test_a_time_is_offered_exactly_when_nothing_is_against_it(ben, seed):
    random = Random(100 + seed)  # noqa: S311
    now = random_coaches.NOW
    coach = random_coaches.coach(random, f"coach{seed}", now=now)
    random_coaches.book_some(random, coach, ben, now=now)
    minutes = random.choice([30, 60, 90])
    until = now + timedelta(days=Schedule.objects.get(coach=coach).booking_window_days + 2)
    shown = set(open_starts(coach.pk, duration_minutes=minutes, from_at=now, to_at=until, now=now))
    first = now.replace(hour=0, minute=0, second=0)
    grid = [first + timedelta(minutes=5 * step) for step in range(288 * 14)]
    tried = random.sample(grid, 150) + random.sample(sorted(shown), min(len(shown), 40))

    refused = [each for each in tried if reason(coach, each, minutes=minutes, now=now) is not None]

    assert {each for each in tried if each not in shown} == set(refused)
