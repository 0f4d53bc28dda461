from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import IllegalTransitionError, NotFoundError
from scheduling.domain.attendance import say_here
from scheduling.domain.reports import TooEarlyError, TooLateError, report_no_show
from scheduling.models import Booking
from scheduling.queries.bookings import timeline
from scheduling.states import BookingState as S
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, history, row

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
OPENS = TOMORROW - 10 * MINUTE
ENDS = TOMORROW + HOUR


def _here(booking):
    return Booking.objects.values_list("candidate_here_at", "coach_here_at").get(pk=booking.pk)


def test_either_side_says_that_it_is_here_and_the_first_time_counts(ada, ben):
    booking = confirmed(ada, ben)
    say_here(booking.pk, by=ben, now=OPENS)
    say_here(booking.pk, by=ben, now=TOMORROW)
    assert _here(booking) == (OPENS, None)
    say_here(booking.pk, by=ada, now=TOMORROW + MINUTE)
    assert _here(booking) == (OPENS, TOMORROW + MINUTE)
    assert history(booking) == [("here", "ben@demo.test"), ("here", "ada@demo.test")]
    assert timeline(booking)[0] == {"at": OPENS, "kind": "here", "by": "candidate"}


def test_one_is_here_from_when_the_room_opens_until_the_end(ada, bo, ben, cleo):
    early = confirmed(ada, ben)
    with pytest.raises(TooEarlyError) as refusal:
        say_here(early.pk, by=ben, now=OPENS - INSTANT)
    assert refusal.value.as_json()["error"]["from_at"] == "2026-11-03T09:50:00Z"
    say_here(early.pk, by=ben, now=ENDS - INSTANT)
    late = confirmed(bo, cleo)
    with pytest.raises(TooLateError) as refusal:
        say_here(late.pk, by=cleo, now=ENDS)
    assert refusal.value.as_json()["error"]["until_at"] == "2026-11-03T11:00:00Z"
    assert _here(late) == (None, None)


def test_what_was_said_in_time_is_still_true_afterwards(ada, ben):
    booking = confirmed(ada, ben)
    say_here(booking.pk, by=ben, now=TOMORROW)
    assert say_here(booking.pk, by=ben, now=ENDS + HOUR).candidate_here_at == TOMORROW


@pytest.mark.parametrize("state", [S.HELD, S.REQUESTED, S.CANCELLED, S.EXPIRED, S.DECLINED, S.COMPLETED])
def test_nobody_is_here_for_what_does_not_take_place(ada, ben, state):
    booking = row(ada, ben, state)
    with pytest.raises(IllegalTransitionError):
        say_here(booking.pk, by=ben, now=TOMORROW)
    assert _here(booking) == (None, None)


def test_strangers_are_nowhere(ada, bo, ben, cleo, olu):
    booking = confirmed(ada, ben)
    confirmed(bo, cleo)
    for person in (bo, cleo, olu):
        with pytest.raises(NotFoundError):
            say_here(booking.pk, by=person, now=TOMORROW)
    with pytest.raises(NotFoundError):
        say_here(uuid4(), by=ben, now=TOMORROW)
    assert _here(booking) == (None, None)


def test_who_comes_late_was_not_missing_and_operations_decide(ada, ben):
    booking = confirmed(ada, ben, now=NOW)
    say_here(booking.pk, by=ben, now=TOMORROW)
    report = report_no_show(booking.pk, by=ben, comment="", now=TOMORROW + 20 * MINUTE)
    assert report.state == "open"
    say_here(booking.pk, by=ada, now=TOMORROW + 25 * MINUTE)
    report.refresh_from_db()
    assert (report.state, report.contested_at, report.stands_at) == (
        "contested",
        TOMORROW + 25 * MINUTE,
        None,
    )
    assert history(booking)[-2:] == [("here", "ada@demo.test"), ("report_contested", "ada@demo.test")]


def test_a_reporter_who_presses_again_contests_nothing(ada, ben):
    booking = confirmed(ada, ben)
    say_here(booking.pk, by=ben, now=TOMORROW)
    report = report_no_show(booking.pk, by=ben, comment="", now=TOMORROW + 20 * MINUTE)
    say_here(booking.pk, by=ben, now=TOMORROW + 30 * MINUTE)
    report.refresh_from_db()
    assert report.state == "open"
