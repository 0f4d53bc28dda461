"""Windows as rows: what is stored, what a rebuild touches, and when it happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from threading import Thread

import pytest
from django.db import connection
from schedule.models import Occurrence, Rule

from core.models import AuditLine, OutboxMessage
from core.periodic import JOBS
from scheduling.domain import windows
from scheduling.domain.schedules import read_availability, replace_availability, sell_from
from scheduling.domain.windows import due_for_rebuild, rebuild_due, rebuild_windows
from scheduling.models import FreeTimes, OpenWindow, Schedule
from scheduling.queries.free import free_between
from scheduling.queries.plan import plan_from
from scheduling.rules.availability import WEEKDAYS
from scheduling.rules.availability_input import parse_availability
from scheduling.rules.expansion import expand, plan_of
from tests.scheduling import random_coaches

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday morning."""
MIDNIGHT_IN_BERLIN = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


def state(coach, now=NOW, **body):
    """Ada says when she works; nine to five, every day, unless told otherwise."""
    body = {"timezone": "Europe/Berlin", "weekly": {day: [["09:00", "17:00"]] for day in WEEKDAYS}, **body}
    return replace_availability(coach, parse_availability(body, default_timezone="UTC"), by=coach, now=now)


def rows(coach):
    found = OpenWindow.objects.filter(coach=coach).order_by("on", "anchor_at")
    return {
        (window.on, window.period.lower, window.period.upper, window.anchor_at): window.pk for window in found
    }


def test_windows_reach_some_days_past_the_booking_window(ada):
    schedule = state(ada, booking_window_days=7)

    assert [on for on, *_ in rows(ada)] == [date(2026, 11, 22) + timedelta(days=n) for n in range(14)]
    assert (schedule.built_through, schedule.rebuild_at) == (date(2026, 12, 5), MIDNIGHT_IN_BERLIN)


def test_a_change_of_one_day_touches_the_rows_of_that_day_only(ada):
    state(ada)
    before = rows(ada)

    state(ada, overrides=[{"date": "2026-12-01", "windows": [["10:00", "11:00"]]}])

    after = rows(ada)
    kept = {window: pk for window, pk in before.items() if window[0] != date(2026, 12, 1)}
    assert {window: pk for window, pk in after.items() if window[0] != date(2026, 12, 1)} == kept
    ten, eleven = datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert [window for window in after if window not in before] == [(date(2026, 12, 1), ten, eleven, ten)]


def test_rebuilding_what_is_built_changes_nothing(ada):
    state(ada)
    before = rows(ada)

    assert rebuild_windows(ada.pk, now=NOW) is False
    assert rows(ada) == before


def test_at_the_coachs_midnight_a_day_is_added_and_an_old_one_goes(ada, bo):
    state(ada, booking_window_days=7)
    state(bo, timezone="America/New_York", booking_window_days=7)
    first = min(rows(ada))

    assert due_for_rebuild(MIDNIGHT_IN_BERLIN - timedelta(seconds=1)) == []
    assert due_for_rebuild(MIDNIGHT_IN_BERLIN) == [ada.pk]
    assert JOBS["rebuild_due_windows"].run(MIDNIGHT_IN_BERLIN) == 1
    assert JOBS["rebuild_due_windows"].run(MIDNIGHT_IN_BERLIN) == 0
    assert first not in rows(ada)
    assert max(on for on, *_ in rows(ada)) == date(2026, 12, 6)
    assert max(on for on, *_ in rows(bo)) == date(2026, 12, 5)


def test_a_clock_that_was_set_back_is_noticed(ada):
    state(ada, now=NOW + timedelta(days=90))

    assert due_for_rebuild(NOW) == [ada.pk]
    assert JOBS["rebuild_due_windows"].run(NOW) == 1
    assert min(on for on, *_ in rows(ada)) == date(2026, 11, 22)


def test_the_growing_of_a_night_is_no_news_but_a_repair_is(ada):
    state(ada, booking_window_days=7)
    OutboxMessage.objects.all().delete()

    rebuild_windows(ada.pk, now=MIDNIGHT_IN_BERLIN)
    assert not OutboxMessage.objects.filter(event="SlotsChanged").exists()

    OpenWindow.objects.filter(coach=ada, on__gte="2026-11-30").delete()
    assert rebuild_windows(ada.pk, now=MIDNIGHT_IN_BERLIN) is True
    [payload] = OutboxMessage.objects.filter(
        event="SlotsChanged", subscriber="scheduling.subscribers.keep_free_times"
    ).values_list("payload", flat=True)
    assert (payload["coach_id"], payload["from_at"]) == (ada.pk, "2026-11-30T08:00:00+00:00")


def test_who_has_no_schedule_has_nothing_to_build(cleo):
    assert rebuild_windows(cleo.pk, now=NOW) is False


def test_a_changed_schedule_is_on_the_record_and_told(ada, olu):
    availability = parse_availability({"timezone": "UTC"}, default_timezone="UTC")

    replace_availability(ada, availability, by=olu, now=NOW)

    assert list(AuditLine.objects.values_list("action", "by", "at")) == [
        ("availability.replaced", olu.pk, NOW)
    ]
    assert OutboxMessage.objects.filter(event="SlotsChanged", payload__coach_id=ada.pk).exists()


def test_selling_comes_before_or_after_the_schedule(ada):
    ada.timezone = "Asia/Tokyo"
    ada.save()

    sell_from(ada, 60, now=NOW)
    assert Schedule.objects.values_list("timezone", "shortest_minutes").get(coach=ada) == ("Asia/Tokyo", 60)

    state(ada)
    assert Schedule.objects.get(coach=ada).shortest_minutes == 60
    assert FreeTimes.objects.filter(coach=ada).exists()

    sell_from(ada, None, now=NOW)
    assert not FreeTimes.objects.filter(coach=ada).exists()


def test_the_calendar_of_django_scheduler_knows_the_exceptions(ada):
    body = {
        "rules": [
            {
                "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
                "from": "2026-12-01",
                "windows": [["18:00", "24:00"]],
            }
        ],
        "overrides": [{"date": "2026-12-15", "windows": [["10:00", "11:00"]]}],
    }

    calendar = state(ada, **body).calendar

    cancelled = Occurrence.objects.filter(event__calendar=calendar, cancelled=True).values_list(
        "start", "end"
    )
    nine, five = datetime(2026, 12, 15, 9, tzinfo=UTC), datetime(2026, 12, 15, 17, tzinfo=UTC)
    six, twelve = datetime(2026, 12, 15, 18, tzinfo=UTC), datetime(2026, 12, 16, tzinfo=UTC)
    assert set(cancelled) == {(nine, five), (six, twelve)}
    own = calendar.events.get(title="rule")
    assert (own.rule.frequency, own.rule.get_params()["interval"]) == ("WEEKLY", 2)
    found = own.get_occurrences(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert [(each.start.date(), each.cancelled) for each in found] == [
        (date(2026, 12, 1), False),
        (date(2026, 12, 15), True),
        (date(2026, 12, 29), False),
    ]


def test_replacing_leaves_no_rules_behind(ada):
    rule = {"rrule": "FREQ=DAILY", "from": "2026-12-01", "windows": [["18:00", "20:00"]]}
    state(ada, rules=[rule, rule])

    state(ada)

    assert list(Rule.objects.values_list("name", flat=True)) == ["weekly"]


@pytest.mark.parametrize("seed", range(6))
def test_what_is_stored_means_what_was_stated(ada, seed):
    random = Random(seed)  # noqa: S311
    stated = parse_availability(random_coaches.availability(random, NOW), default_timezone="UTC")

    schedule = replace_availability(ada, stated, by=ada, now=NOW)

    first, last = date(2026, 11, 20), date(2027, 2, 1)
    assert expand(plan_from(schedule), first, last) == expand(plan_of(stated), first, last)
    assert read_availability(ada) == stated
    OpenWindow.objects.filter(pk__in=[*rows(ada).values()][::3]).delete()
    rebuild_windows(ada.pk, now=NOW)
    before = rows(ada)
    OpenWindow.objects.filter(coach=ada).delete()
    rebuild_windows(ada.pk, now=NOW)
    assert rows(ada).keys() == before.keys()


@pytest.mark.parametrize("days", [1, 7])
def test_a_rebuild_asks_as_often_however_much_there_is(ada, django_assert_num_queries, days):
    overrides = [{"date": f"2026-12-{day:02}", "windows": []} for day in range(1, 1 + days)]
    state(ada, overrides=overrides)
    sell_from(ada, 60, now=NOW)
    OpenWindow.objects.filter(coach=ada).delete()

    with django_assert_num_queries(14):
        rebuild_windows(ada.pk, now=NOW)


@pytest.mark.parametrize("coaches", [1, 3])
def test_a_night_asks_as_often_however_many_are_due(ada, bo, cleo, django_assert_num_queries, coaches):
    for coach in [ada, bo, cleo][:coaches]:
        state(coach)
        sell_from(coach, 60, now=NOW)

    with django_assert_num_queries(16):
        assert rebuild_due(MIDNIGHT_IN_BERLIN) == coaches
    assert due_for_rebuild(MIDNIGHT_IN_BERLIN) == []


def test_many_coaches_are_rebuilt_in_several_batches(ada, bo, cleo, monkeypatch):
    monkeypatch.setattr(windows, "BATCH", 2)
    for coach in (ada, bo, cleo):
        state(coach)

    assert rebuild_due(MIDNIGHT_IN_BERLIN) == 3
    assert {max(rows(coach))[0] for coach in (ada, bo, cleo)} == {date(2027, 1, 28)}


def test_the_night_puts_right_what_the_search_missed(ada, bo):
    for coach in (ada, bo):
        state(coach)
        sell_from(coach, 60, now=NOW)
    tomorrow = (MIDNIGHT_IN_BERLIN, MIDNIGHT_IN_BERLIN + timedelta(days=1))
    FreeTimes.objects.filter(coach=ada).delete()
    FreeTimes.objects.filter(coach=bo).update(on_quarter="0")
    assert set(free_between(*tomorrow, now=MIDNIGHT_IN_BERLIN)) == set()

    rebuild_due(MIDNIGHT_IN_BERLIN)

    assert set(free_between(*tomorrow, now=MIDNIGHT_IN_BERLIN)) == {ada.pk, bo.pk}


@pytest.mark.django_db(transaction=True)
def test_two_rebuilds_at_once_build_each_window_once(ada):
    state(ada)
    expected = rows(ada).keys()
    OpenWindow.objects.filter(coach=ada).delete()

    def run():
        rebuild_windows(ada.pk, now=NOW)
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert OpenWindow.objects.filter(coach=ada).count() == len(expected)
    assert rows(ada).keys() == expected


@pytest.mark.django_db(transaction=True)
def test_two_first_statements_at_once_make_one_schedule(ada):
    def run():
        state(ada)
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Schedule.objects.filter(coach=ada).count() == 1
    assert AuditLine.objects.filter(action="availability.replaced").count() == 1


def test_a_schedule_that_cannot_be_built_does_not_stop_the_others(ada, bo):
    state(ada)
    state(bo)
    Schedule.objects.filter(coach=ada).update(timezone="Atlantis/Sunken")

    assert JOBS["rebuild_due_windows"].run(MIDNIGHT_IN_BERLIN) == 1
    assert due_for_rebuild(MIDNIGHT_IN_BERLIN) == [ada.pk]


@pytest.mark.parametrize("days", [200, -200])
def test_what_is_said_again_on_a_later_day_is_in_effect_before_any_job_has_run(ada, days):
    state(ada)
    sell_from(ada, 60, now=NOW)
    said = AuditLine.objects.filter(action="availability.replaced").count()
    then = NOW + timedelta(days=days)

    state(ada, now=then)

    assert min(on for on, *_ in rows(ada)) == (then - timedelta(days=2)).date()
    assert due_for_rebuild(then) == []
    assert set(free_between(then, then + timedelta(days=2), now=then)) == {ada.pk}
    assert AuditLine.objects.filter(action="availability.replaced").count() == said


def test_rows_say_what_they_are(ada):
    body = {
        "overrides": [{"date": "2026-12-24", "windows": []}],
        "time_off": [{"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z"}],
        "travel": [{"from": "2026-12-10", "timezone": "Asia/Tokyo"}],
    }
    schedule = state(ada, **body)
    sell_from(ada, 60, now=NOW)

    assert str(schedule) == "schedule of ada@demo.test"
    assert str(schedule.overrides.get()) == "2026-12-24"
    assert str(schedule.time_off.get()) == "2026-12-01 00:00:00+00:00 to 2026-12-02 00:00:00+00:00"
    assert str(schedule.trips.get()) == "Asia/Tokyo from 2026-12-10"
    assert str(FreeTimes.objects.get()) == f"free times of {ada.pk}"
    assert str(OpenWindow.objects.earliest("on")).startswith("2026-11-22 [")
