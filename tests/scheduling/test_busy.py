"""What connected calendars close: busy times, staleness, and what lies further ahead than was read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.domain.confirming import LateConfirmRefusedError, confirm_late
from scheduling.domain.free_times import refresh_free_times_of
from scheduling.domain.holds import SlotUnavailableError
from scheduling.queries.busy import busy_of, joined
from scheduling.queries.free import free_between, next_free_order
from scheduling.queries.slots import open_starts
from scheduling.queries.why import why_not
from scheduling.states import BookingState as S
from tests.scheduling.calendars import busy, connected
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, hold, open_around_the_clock, row

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)
TWO_HOURS = 2 * HOUR


@pytest.fixture(autouse=True)
def hours(ada, bo):
    open_around_the_clock(ada)
    open_around_the_clock(bo)


def starts(coach, from_at=TOMORROW - TWO_HOURS, to_at=TOMORROW + TWO_HOURS + HOUR, now=NOW, minutes=60):
    """Hours from TOMORROW at which a session can start."""
    found = open_starts(coach.pk, duration_minutes=minutes, from_at=from_at, to_at=to_at, now=now)
    return [(start - TOMORROW) / HOUR for start in found]


def why(coach, at=TOMORROW, now=NOW):
    answer = why_not(coach.pk, duration_minutes=60, at=at, now=now)
    return answer.reason


ALL = [step / 2 for step in range(-4, 6)]


def test_a_busy_time_closes_what_would_overlap_it_and_touching_is_allowed(ada, bo):
    busy(connected(ada), TOMORROW, TOMORROW + HOUR)
    busy(connected(bo), TOMORROW - TWO_HOURS, TOMORROW)
    assert starts(ada) == [-2.0, -1.5, -1.0, 1.0, 1.5, 2.0, 2.5]
    assert starts(bo) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert [why(ada), why(ada, TOMORROW + HOUR), why(bo)] == ["busy", None, None]


def test_the_buffers_of_a_session_keep_away_from_busy_times(ada):
    ada.schedule.buffer_before_minutes, ada.schedule.buffer_after_minutes = 15, 31
    ada.schedule.save()
    busy(connected(ada), TOMORROW, TOMORROW + HOUR)
    assert starts(ada) == [-2.0, 1.5, 2.0, 2.5]
    assert [why(ada, TOMORROW + step * HOUR) for step in (-1.5, 1, 1.5)] == ["busy", "busy", None]


@pytest.mark.parametrize(
    ("until", "first"), [(HOUR, 1.0), (HOUR + MICROSECOND, 1.5), (HOUR - MICROSECOND, 1.0)]
)
def test_part_of_a_minute_is_a_busy_minute(ada, until, first):
    busy(connected(ada), TOMORROW - TWO_HOURS * 2, TOMORROW + until)
    assert starts(ada)[0] == first


def test_a_holiday_of_weeks_closes_all_of_it(ada):
    busy(connected(ada), NOW - timedelta(days=20), NOW + timedelta(days=20))
    assert starts(ada) == []
    assert starts(ada, NOW + timedelta(days=21), NOW + timedelta(days=21, hours=1)) != []


def test_the_calendar_that_says_so_is_named(ada):
    work, home = connected(ada, "Work"), connected(ada, "Home")
    busy(home, TOMORROW - HOUR / 2, TOMORROW + HOUR / 2)
    busy(work, TOMORROW + HOUR / 2, TOMORROW + TWO_HOURS)
    answer = why_not(ada.pk, duration_minutes=60, at=TOMORROW, now=NOW)
    assert (answer.reason, "“Home”" in answer.detail) == ("busy", True)
    assert "“Work”" in why_not(ada.pk, duration_minutes=60, at=TOMORROW + HOUR, now=NOW).detail


def test_a_busy_time_comes_after_a_booking_and_before_the_limits(ada, ben):
    ada.schedule.max_per_day = 1
    ada.schedule.save()
    calendar = connected(ada)
    confirmed(ada, ben)
    busy(calendar, TOMORROW, TOMORROW + TWO_HOURS)
    assert [why(ada), why(ada, TOMORROW + HOUR), why(ada, TOMORROW + TWO_HOURS)] == [
        "booked",
        "busy",
        "daily_limit",
    ]


def test_a_calendar_is_believed_for_two_hours_to_the_instant(ada, bo):
    connected(ada)
    connected(bo, "Old", now=NOW - timedelta(days=1))
    limit = NOW + TWO_HOURS
    assert (starts(ada, now=limit), starts(ada, now=limit + MICROSECOND)) == (ALL, [])
    assert [why(ada, now=limit), why(ada, now=limit + MICROSECOND), why(bo)] == [
        None,
        "calendar_stale",
        "calendar_stale",
    ]
    assert "“Old”" in why_not(bo.pk, duration_minutes=60, at=TOMORROW, now=NOW).detail


def test_one_stale_calendar_of_several_is_enough(ada):
    connected(ada, "Fresh")
    connected(ada, "Old", now=NOW - TWO_HOURS - MICROSECOND)
    connected(ada, "Fresh, too")
    assert starts(ada) == []
    assert "“Old”" in why_not(ada.pk, duration_minutes=60, at=TOMORROW, now=NOW).detail


def test_staleness_comes_after_the_booking_window_and_before_the_hours(ada):
    connected(ada, now=NOW - timedelta(days=1))
    assert why(ada, TOMORROW + timedelta(days=50)) == "calendar_stale"
    assert why(ada, TOMORROW + timedelta(days=70)) == "booking_window"


def test_what_was_not_read_yet_is_closed(ada):
    connected(ada, "Short", read_until=TOMORROW + HOUR)
    connected(ada, "Long")
    assert starts(ada) == [-2.0, -1.5, -1.0, -0.5, 0.0]
    assert [why(ada), why(ada, TOMORROW + HOUR)] == [None, "calendar_stale"]
    assert "“Short”" in why_not(ada.pk, duration_minutes=60, at=TOMORROW + HOUR, now=NOW).detail


def test_a_try_is_refused_by_what_was_learned_meanwhile(ada, ben):
    calendar = connected(ada)
    busy(calendar, TOMORROW, TOMORROW + HOUR)
    with pytest.raises(SlotUnavailableError) as refused:
        hold(ada, ben)
    assert refused.value.reason == "busy"
    with pytest.raises(SlotUnavailableError) as refused:
        hold(ada, ben, TOMORROW + HOUR, now=NOW + TWO_HOURS + MICROSECOND)
    assert refused.value.reason == "calendar_stale"


@pytest.mark.parametrize(("after", "reason"), [(timedelta(minutes=9), "busy"), (timedelta(minutes=10), None)])
def test_a_late_payment_is_not_honoured_against_a_busy_time(ada, ben, after, reason):
    ada.schedule.buffer_after_minutes = 99
    ada.schedule.save()
    booking = row(ada, ben, S.EXPIRED, buffer=10)
    busy(connected(ada, now=NOW - timedelta(days=3)), TOMORROW + HOUR + after, TOMORROW + TWO_HOURS)
    if reason is None:
        assert confirm_late(booking.pk, now=NOW).state == "confirmed"
        return
    with pytest.raises(LateConfirmRefusedError) as refused:
        confirm_late(booking.pk, now=NOW)
    assert refused.value.reason == reason


def test_the_search_finds_who_has_a_start_beside_his_busy_times(ada, bo):
    busy(connected(ada), NOW, TOMORROW)
    busy(connected(bo), TOMORROW, TOMORROW + timedelta(days=2))
    for coach in (ada, bo):
        refresh_free_times_of(coach.pk, now=NOW)
    assert set(free_between(TOMORROW, TOMORROW + HOUR, now=NOW)) == {ada.pk}
    assert set(free_between(TOMORROW - HOUR, TOMORROW, now=NOW)) == {bo.pk}


def test_the_search_leaves_out_who_has_a_stale_calendar_from_that_instant_on(ada, bo):
    connected(ada)
    connected(bo, now=NOW + HOUR)
    for coach in (ada, bo):
        refresh_free_times_of(coach.pk, now=NOW)
    until = TOMORROW + HOUR
    assert set(free_between(TOMORROW, until, now=NOW + TWO_HOURS)) == {ada.pk, bo.pk}
    assert set(free_between(TOMORROW, until, now=NOW + TWO_HOURS + MICROSECOND)) == {bo.pk}


def test_the_next_free_start_of_who_is_stale_is_none(ada):
    connected(ada)
    refresh_free_times_of(ada.pk, now=NOW)
    people = type(ada).objects.filter(pk=ada.pk)
    found = [
        people.annotate(next=next_free_order("pk", now=now)).values_list("next", flat=True).get()
        for now in (NOW, NOW + TWO_HOURS + MICROSECOND)
    ]
    assert (found[0] is None, found[1]) == (False, None)


@pytest.mark.parametrize("rows", [1, 5])
def test_busy_times_take_one_question_more(ada, rows, django_assert_num_queries):
    calendar = connected(ada)
    for step in range(rows):
        busy(calendar, TOMORROW + step * HOUR, TOMORROW + (step + 1) * HOUR)
    with django_assert_num_queries(4):
        starts(ada)


def test_somebodys_busy_times_are_joined_and_nobody_elses(ada, ben, django_assert_num_queries):
    work, home, others = connected(ben, "Work"), connected(ben, "Home"), connected(ada)
    busy(work, TOMORROW, TOMORROW + HOUR)
    busy(home, TOMORROW + HOUR, TOMORROW + TWO_HOURS)
    busy(home, TOMORROW + 3 * HOUR, TOMORROW + 4 * HOUR)
    busy(home, TOMORROW + 5 * HOUR, TOMORROW + 6 * HOUR)
    busy(others, TOMORROW, TOMORROW + 9 * HOUR)
    with django_assert_num_queries(1):
        assert busy_of(ben, TOMORROW + HOUR / 2, TOMORROW + 5 * HOUR) == [
            (TOMORROW, TOMORROW + TWO_HOURS),
            (TOMORROW + 3 * HOUR, TOMORROW + 4 * HOUR),
        ]


def test_spans_are_joined_where_they_meet_or_overlap():
    assert joined([(5, 6), (1, 4), (2, 3), (4, 5), (8, 9)]) == [(1, 6), (8, 9)]
    assert joined([]) == []
