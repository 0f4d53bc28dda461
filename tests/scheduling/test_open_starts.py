"""The starts that are shown: what they regard, and how often they ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from scheduling.domain.schedules import replace_availability, sell_from
from scheduling.queries.slots import nearest_starts, next_start, next_starts, open_starts
from scheduling.rules.availability_input import parse_availability
from scheduling.states import BookingState as S
from tests.scheduling import random_coaches
from tests.scheduling.stage import row

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday."""
WEEK = timedelta(days=7)
MORNINGS = {
    "timezone": "UTC",
    "weekly": {day: [["09:00", "12:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
}


def state(coach, **body):
    stated = parse_availability({**MORNINGS, **body}, default_timezone="UTC")
    replace_availability(coach, stated, by=coach, now=NOW)
    sell_from(coach, 60, now=NOW)


def starts(coach, from_at=NOW, to_at=NOW + WEEK, now=NOW, minutes=60):
    found = open_starts(coach.pk, duration_minutes=minutes, from_at=from_at, to_at=to_at, now=now)
    return [f"{start:%d %H:%M}" for start in found]


def at(day, hour=9, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


WEDNESDAY = ["25 09:00", "25 09:30", "25 10:00", "25 10:30", "25 11:00"]


def test_starts_lie_in_the_half_open_range_that_was_asked_for(ada):
    state(ada)

    assert starts(ada, at(25), at(26)) == WEDNESDAY
    assert starts(ada, at(25), at(25, 11)) == WEDNESDAY[:-1]
    assert (
        starts(ada, at(25) + timedelta(microseconds=1), at(25, 11) + timedelta(microseconds=1))
        == WEDNESDAY[1:]
    )
    assert starts(ada, at(25), at(25)) == []
    assert starts(ada, at(26), at(25)) == []


def test_who_has_no_schedule_has_no_starts(cleo):
    assert starts(cleo) == []
    assert next_start(cleo.pk, 60, NOW) is None


def test_notice_is_kept_to_the_instant(ada):
    state(ada, minimum_notice_minutes=60)

    assert starts(ada, to_at=at(25)) == ["24 09:00", "24 09:30", "24 10:00", "24 10:30", "24 11:00"]
    assert starts(ada, to_at=at(25), now=NOW + timedelta(microseconds=1)) == [
        "24 09:30",
        "24 10:00",
        "24 10:30",
        "24 11:00",
    ]


def test_the_booking_window_ends_with_a_date_at_the_coachs_home(ada):
    state(ada, booking_window_days=1)
    assert starts(ada, at(25, 0)) == WEDNESDAY

    # From 15:00 in London it is Wednesday in Tokyo.
    state(ada, booking_window_days=1, timezone="Asia/Tokyo")
    assert starts(ada, now=at(24, 12)) == ["25 00:00", "25 00:30", "25 01:00", "25 01:30", "25 02:00"]
    assert starts(ada, now=at(24, 15), to_at=at(30))[-1:] == ["26 02:00"]


def test_a_pause_hides_everything_until_it_ends(ada):
    state(ada, paused_until="2026-11-25T00:00:00Z")

    assert starts(ada, now=at(25, 0) - timedelta(microseconds=1)) == []
    assert starts(ada, at(26, 0), at(27, 0), now=at(25, 0)) != []


@pytest.mark.parametrize(
    ("columns", "is_shown"),
    [
        ({"state": S.HELD}, False),
        ({"state": S.REQUESTED}, False),
        ({"state": S.CONFIRMED}, False),
        ({"state": S.COMPLETED}, False),
        ({"state": S.NO_SHOW_CANDIDATE}, False),
        ({"state": S.NO_SHOW_COACH}, False),
        ({"state": S.EXPIRED}, True),
        ({"state": S.DECLINED}, True),
        ({"state": S.CANCELLED}, True),
        # A try expires a hold that lapsed and cannot be paid any more; one that may be paid, it does not.
        ({"state": S.HELD, "hold_expires_at": NOW}, True),
        ({"state": S.HELD, "hold_expires_at": NOW, "guarded": True}, False),
        ({"state": S.HELD, "hold_expires_at": NOW + timedelta(microseconds=1)}, False),
    ],
)
def test_a_start_is_shown_when_it_could_be_booked(ada, ben, columns, is_shown):
    state(ada)
    row(ada, ben, starts_at=at(25, 10), now=NOW, **columns)

    assert starts(ada, at(25), at(26)) == (WEDNESDAY if is_shown else ["25 09:00", "25 11:00"])


@pytest.mark.parametrize("limit", ["max_per_day", "max_per_week"])
def test_limits_count_what_was_spent_and_not_what_was_given_back(ada, ben, limit):
    state(ada, **{limit: 2})
    row(ada, ben, S.COMPLETED, at(25, 14), now=NOW)
    row(ada, ben, S.CANCELLED, at(25, 16), now=NOW)
    row(ada, ben, S.HELD, at(25, 16), now=NOW, hold_expires_at=NOW)
    assert starts(ada, at(25), at(26)) == WEDNESDAY

    row(ada, ben, S.CONFIRMED, at(25, 18), now=NOW)
    assert starts(ada, at(25), at(26)) == []
    assert bool(starts(ada, at(26, 0), at(28, 0))) is (limit == "max_per_day")
    assert starts(ada, at(30, 0), at(30, 23)) != []


def test_the_bookings_of_other_coaches_change_nothing(ada, bo, ben):
    state(ada)
    state(bo)
    row(bo, ben, S.CONFIRMED, at(25, 10), now=NOW)

    assert starts(ada, at(25), at(26)) == WEDNESDAY


@pytest.mark.parametrize("bookings", [1, 3])
def test_it_takes_four_questions(ada, ben, bookings, django_assert_num_queries):
    state(ada, max_per_day=5, max_per_week=9)
    for day in range(bookings):
        row(ada, ben, S.CONFIRMED, at(25 + day), now=NOW)

    with django_assert_num_queries(4):
        starts(ada, to_at=NOW + timedelta(days=62))


def test_next_starts_of_a_page_of_coaches(ada, bo, ben, cleo, django_assert_max_num_queries):
    state(ada)
    state(
        bo, weekly={}, rules=[{"rrule": "FREQ=DAILY", "from": "2026-12-20", "windows": [["10:00", "11:00"]]}]
    )
    state(cleo, weekly={})
    row(ada, ben, S.CONFIRMED, at(25, 9), now=NOW)

    with django_assert_max_num_queries(8):
        found = next_starts({ada.pk: 60, bo.pk: 60, cleo.pk: 30, ben.pk: 30}, NOW)

    assert found == {
        ada.pk: at(25, 10),
        bo.pk: datetime(2026, 12, 20, 10, tzinfo=UTC),
        cleo.pk: None,
        ben.pk: None,
    }


def test_alternatives_are_the_nearest_in_time_order_the_earlier_on_ties(ada, ben):
    state(ada)
    row(ada, ben, S.CONFIRMED, at(25, 10), now=NOW)

    def nearest(around, **kwargs):
        found = nearest_starts(ada.pk, duration_minutes=60, around=around, now=NOW, **kwargs)
        return [f"{start:%d %H:%M}" for start in found]

    assert nearest(at(25, 10)) == ["25 09:00", "25 11:00", "26 09:00"]
    assert nearest(at(25, 10), limit=1) == ["25 09:00"]
    assert nearest(datetime(2027, 6, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_shown_can_be_booked(ben, seed):
    random = Random(seed)  # noqa: S311
    coach = random_coaches.coach(random, f"coach{seed}")

    random_coaches.book_some(random, coach, ben, many=8)

    assert coach.bookings_as_coach.exists()
