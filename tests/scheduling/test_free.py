"""Searching all coaches by time: who is found can be booked, who can be booked is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.contrib.auth import get_user_model

from core import clock
from core.outbox import deliver, due
from scheduling.domain.free_times import refresh_free_times_of
from scheduling.domain.schedules import replace_availability, sell_from
from scheduling.domain.windows import rebuild_windows
from scheduling.models import FreeTimes, Schedule
from scheduling.queries.free import free_between, free_within, next_free_order
from scheduling.queries.slots import next_start, open_starts
from scheduling.rules.availability import WEEKDAYS
from scheduling.rules.availability_input import parse_availability
from scheduling.rules.wallclock import instant_of
from tests.scheduling import random_coaches
from tests.scheduling.stage import NOW as MONDAY
from tests.scheduling.stage import hold

NOW = random_coaches.NOW
MINUTE = timedelta(minutes=1)


def state(coach, *, shortest=60, now=NOW, **body):
    body = {"timezone": "UTC", "weekly": {day: [["09:00", "12:00"]] for day in WEEKDAYS}, **body}
    replace_availability(coach, parse_availability(body, default_timezone="UTC"), by=coach, now=now)
    sell_from(coach, shortest, now=now)


def found(from_at, to_at, now=NOW):
    return set(free_between(from_at, to_at, now=now))


def at(day, hour=9, minute=0):
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def test_a_coach_is_found_by_a_start_and_not_by_a_window(ada):
    state(ada)

    assert found(at(22, 9), at(22, 10)) == {ada.pk}
    assert found(at(22, 11), at(22, 11, 1)) == {ada.pk}
    # 11:30 is worked, and too late to begin.
    assert found(at(22, 11, 1), at(22, 23)) == set()
    assert found(at(22, 8), at(22, 9)) == set()
    assert found(at(22, 9), at(22, 9)) == set()


@pytest.mark.parametrize("interval", [25, 30])
def test_edges_are_exact_to_the_minute_on_any_grid(ada, interval):
    state(ada, slot_interval_minutes=interval, weekly={"thursday": [["09:00", "12:00"]]})
    starts = [at(22, 9) + step * interval * MINUTE for step in range(1 + 120 // interval)]

    for step in range(-3, 130):
        from_at = at(22, 9) + step * MINUTE
        for length in (1, 2, 14, 15, 16, 31):
            to_at = from_at + length * MINUTE
            assert bool(found(from_at, to_at)) is any(from_at <= start < to_at for start in starts)


def test_notice_pause_and_booking_window_move_with_the_clock(ada):
    state(ada, minimum_notice_minutes=30, booking_window_days=1, paused_until="2026-10-20T08:00:00Z")

    def today(now):
        return found(now, at(21, 0), now)

    assert today(at(20, 7, 59)) == set()
    assert today(at(20, 8)) == {ada.pk}
    assert today(at(20, 10, 30)) == {ada.pk}
    assert today(at(20, 10, 30) + timedelta(microseconds=1)) == set()
    assert found(at(22, 0), at(23, 0), at(20, 23, 59)) == set()
    # The booking window grew at midnight, before anything was rebuilt.
    assert found(at(22, 0), at(23, 0), at(21, 0)) == {ada.pk}


def test_several_ranges_are_one_question(ada, bo, django_assert_num_queries):
    state(ada)
    state(bo, weekly={"saturday": [["20:00", "22:00"]]})
    evenings = [(at(day, 18), at(day, 22)) for day in range(21, 28)]

    with django_assert_num_queries(1):
        assert set(free_within(evenings, now=NOW)) == {bo.pk}
    assert set(free_within([*evenings, (at(22, 9), at(22, 10))], now=NOW)) == {ada.pk, bo.pk}
    assert set(free_within([], now=NOW)) == set()
    assert set(get_user_model().objects.filter(pk__in=free_within(evenings, now=NOW))) == {bo}


def test_who_sells_nothing_is_not_found(ada):
    state(ada, shortest=None)
    assert found(at(22, 0), at(23, 0)) == set()

    sell_from(ada, 60, now=NOW)
    assert found(at(22, 0), at(23, 0)) == {ada.pk}


def test_a_booking_is_known_to_the_search_once_its_news_is_delivered(ada, ben):
    with clock.frozen_at(MONDAY):
        state(ada, weekly={"wednesday": [["10:00", "11:00"]]}, now=MONDAY)
        wednesday = datetime(2026, 11, 4, 10, tzinfo=UTC)
        asked = (wednesday, wednesday + timedelta(hours=1), MONDAY)
        assert found(*asked) == {ada.pk}

        hold(ada, ben, wednesday)
        for message in due(MONDAY):
            deliver(message, now=MONDAY)

        assert found(*asked) == set()


def test_there_is_nothing_to_refresh_without_a_schedule(cleo):
    assert refresh_free_times_of(cleo.pk, now=NOW) is False


def test_coaches_are_ordered_by_their_next_start(ada, bo, cleo):
    state(ada, weekly={"friday": [["09:00", "12:00"]]})
    state(bo, weekly={"thursday": [["09:10", "12:00"]]})
    state(cleo, weekly={})

    people = get_user_model().objects.annotate(first=next_free_order("pk", now=NOW))

    order = {person: person.first and instant_of(person.first) for person in people}
    assert order == {ada: at(23, 9), bo: at(22, 9, 10), cleo: None}


@pytest.mark.parametrize("seed", range(5))
def test_the_search_finds_whom_the_slots_of_each_coach_say(ben, seed):
    random = Random(1000 + seed)  # noqa: S311
    coaches = {}
    for number in range(4):
        coach = random_coaches.coach(random, f"coach{number}")
        random_coaches.book_some(random, coach, ben, paid=0)
        refresh_free_times_of(coach.pk, now=NOW)
        coaches[coach.pk] = Schedule.objects.get(coach=coach).shortest_minutes

    for step in range(20):
        now = NOW + timedelta(seconds=random.choice([0, 1, 7 * 60, 5000, 40_000, 86_000])) if step else NOW
        from_at = now + timedelta(minutes=random.choice([0, 0, random.randrange(-100, 20_000)]))
        to_at = from_at + timedelta(minutes=random.choice([1, 5, 14, 15, 30, 240, 1440, 10_080]))
        if _a_midnight_was_missed(now):
            continue
        expected = {
            pk
            for pk, minutes in coaches.items()
            if open_starts(pk, duration_minutes=minutes, from_at=from_at, to_at=to_at, now=now)
        }
        assert found(from_at, to_at, now) == expected, (now, from_at, to_at)


def _a_midnight_was_missed(now):
    """The search keeps up with one midnight by itself, as long as the coach's rows reach."""
    return FreeTimes.objects.filter(coach__schedule__rebuild_at__lte=now - timedelta(days=1)).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_the_next_start_of_the_search_is_that_of_the_slots(seed):
    random = Random(2000 + seed)  # noqa: S311
    coach = random_coaches.coach(random, "coach")
    minutes = Schedule.objects.get(coach=coach).shortest_minutes

    for hours in (0, 5, 30):
        now = NOW + timedelta(hours=hours)
        rebuild_windows(coach.pk, now=now)
        [first] = (
            get_user_model()
            .objects.annotate(first=next_free_order("pk", now=now))
            .values_list("first", flat=True)
        )
        assert (first and instant_of(first)) == next_start(coach.pk, minutes, now)


def test_years_of_evenings_are_one_short_question(ada):
    state(ada, booking_window_days=730)
    evenings = [(at(1) + timedelta(days=n), at(1, 10) + timedelta(days=n)) for n in range(800)]

    asked = free_within(evenings, now=NOW)

    assert len(str(asked.query)) < 50_000
    assert set(asked) == {ada.pk}
