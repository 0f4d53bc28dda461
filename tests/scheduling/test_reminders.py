"""Both sides are reminded a day and an hour before, each once per start, whatever the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import NotFoundError
from core.models import OutboxMessage
from scheduling.domain.arrows import cancel, lock_booking
from scheduling.domain.reminders import remind, remind_due
from scheduling.events import SessionNear
from scheduling.models import Booking, Reminder
from scheduling.queries.reminders import timely_reminder, was_reminded
from scheduling.states import BookingState as S
from tests.scheduling.stage import HOUR, NOW, confirmed, row

pytestmark = pytest.mark.django_db

START = NOW + timedelta(days=3)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def told():
    """``(minutes before, hours before the start at which it was sent)``, in the order of sending."""
    return [
        (reminder.minutes_before, (reminder.starts_at - reminder.sent_at) / HOUR)
        for reminder in Reminder.objects.order_by("sent_at", "pk")
    ]


def test_each_length_is_told_once_at_its_time(ada, ben):
    confirmed(ada, ben, starts_at=START)
    for before in (DAY + MINUTE, DAY, DAY - MINUTE, HOUR + MINUTE, HOUR, HOUR - MINUTE, timedelta()):
        remind_due(START - before)
    assert told() == [(1440, 24.0), (60, 1.0)]


def test_how_many_were_told_is_the_answer(ada, bo, ben, cleo):
    confirmed(ada, ben, starts_at=START)
    confirmed(bo, cleo, starts_at=START)
    assert [remind_due(START - DAY), remind_due(START - DAY), remind_due(START - HOUR)] == [2, 0, 2]


def test_the_news_is_announced_with_the_reminder(ada, ben, announced):
    booking = confirmed(ada, ben, starts_at=START)
    remind_due(START - DAY)
    remind_due(START - DAY)
    assert not remind(booking.pk, 1440, now=START - DAY), "twice is once"
    assert announced() == [SessionNear]
    payload = OutboxMessage.objects.get(event="SessionNear").payload
    assert (payload["booking_id"], payload["minutes_before"]) == (str(booking.pk), 1440)


def test_after_an_outage_only_the_latest_that_is_due_is_told(ada, ben):
    confirmed(ada, ben, starts_at=START)
    remind_due(START - HOUR / 2)
    remind_due(START - HOUR / 4)
    assert told() == [(60, 0.5)]


def test_a_day_before_is_caught_up_with_while_it_is_still_of_use(ada, ben):
    confirmed(ada, ben, starts_at=START)
    remind_due(START - 5 * HOUR)
    assert told() == [(1440, 5.0)]


def test_who_booked_within_the_day_is_not_reminded_of_what_he_has_just_done(ada, ben):
    confirmed(ada, ben, starts_at=START, confirmed_at=START - DAY)
    remind_due(START - 20 * HOUR)
    assert told() == []
    remind_due(START - HOUR)
    assert told() == [(60, 1.0)]


@pytest.mark.parametrize(
    "state", [S.HELD, S.REQUESTED, S.CANCELLED, S.DECLINED, S.EXPIRED, S.COMPLETED, S.NO_SHOW_COACH]
)
def test_only_what_is_confirmed_is_told_of(ada, ben, state):
    booking = row(ada, ben, state, starts_at=START)
    # So that nothing but the state keeps the job away from it.
    Booking.objects.filter(pk=booking.pk).update(confirmed_at=NOW)
    assert remind_due(START - DAY) == 0
    assert not remind(booking.pk, 1440, now=START - DAY)
    assert told() == []


def test_what_was_cancelled_a_moment_ago_is_not_told_of(ada, ben):
    booking = confirmed(ada, ben, starts_at=START)
    cancel(lock_booking(booking.pk), by=ben, now=NOW)
    assert not remind(booking.pk, 1440, now=START - DAY)


def test_a_moved_session_is_told_of_at_its_new_start_only(ada, ben):
    booking = confirmed(ada, ben, starts_at=START)
    remind_due(START - DAY)
    later = START + DAY
    booking.set_time(later, later + HOUR, before=timedelta(), after=timedelta())
    booking.save()
    for at in (START - HOUR, later - DAY, later - HOUR):
        remind_due(at)
    assert [(one.minutes_before, one.starts_at) for one in Reminder.objects.order_by("pk")] == [
        (1440, START),
        (1440, later),
        (60, later),
    ]


def test_no_reminder_of_what_has_begun_or_is_far(ada, ben):
    booking = confirmed(ada, ben, starts_at=START)
    assert timely_reminder(booking, START) is None
    assert timely_reminder(booking, START - DAY - MINUTE) is None
    assert timely_reminder(booking, START - MINUTE) == 60
    assert not was_reminded(booking, 60)


def test_of_no_booking_nobody_is_reminded(ada, ben):
    booking = confirmed(ada, ben, starts_at=START)
    gone = booking.pk
    booking.delete()
    with pytest.raises(NotFoundError):
        remind(gone, 60, now=START - HOUR)


def test_one_question_finds_what_is_near_however_many_there_are(ada, ben, django_assert_num_queries):
    for days in range(3):
        confirmed(ada, ben, starts_at=START + timedelta(days=days + 5))
    with django_assert_num_queries(2):
        remind_due(NOW)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(st.integers(min_value=-30 * 60, max_value=90), max_size=12))
def test_the_clock_may_jump_as_it_likes_and_each_is_told_once_and_in_its_time(ada, ben, runs):
    """``runs``: minutes after the start at which the job happens to run, in any order."""
    Booking.objects.all().delete()
    confirmed(ada, ben, starts_at=START)
    for minutes in runs:
        remind_due(START + minutes * MINUTE)
    sent = told()
    assert len({length for length, _ in sent}) == len(sent)
    for length, hours in sent:
        assert 0 < hours <= length / 60
        assert length == 60 or hours > 1
    due = {60 if minutes >= -60 else 1440 for minutes in runs if -1440 <= minutes < 0}
    assert {length for length, _ in sent} == due
