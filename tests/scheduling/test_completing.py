from datetime import timedelta

import pytest

from core.periodic import JOBS
from scheduling.domain.completing import complete_booking, complete_due, expire_due
from scheduling.domain.holds import unguard
from scheduling.events import BookingCompleted, BookingExpired, HoldWanted, SlotsChanged
from scheduling.models import Booking
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, history, requested, state_of

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)


def test_a_session_is_complete_at_its_end(ada, ben, announced):
    booking, later = confirmed(ada, ben), confirmed(ada, ben, starts_at=TOMORROW + HOUR)
    ends_at = TOMORROW + HOUR
    assert (complete_due(ends_at - INSTANT), complete_due(ends_at), complete_due(ends_at)) == (0, 1, 0)
    booking.refresh_from_db()
    assert (booking.state, booking.completed_at) == ("completed", ends_at)
    assert state_of(later) == "confirmed"
    assert announced() == [BookingCompleted]
    assert history(booking) == [("completed", None)]


@pytest.mark.parametrize("make", [held, requested])
def test_only_what_was_confirmed_is_completed(ada, ben, make):
    booking = make(ada, ben)
    assert complete_booking(booking.pk, now=TOMORROW + HOUR).state == booking.state


def test_every_minute_holds_and_requests_run_out(ada, bo, ben, announced):
    gone = held(ada, ben, now=NOW - timedelta(minutes=10))
    stays = held(bo, ben, starts_at=TOMORROW + HOUR)
    unanswered = requested(ada, ben, starts_at=NOW + 2 * HOUR)
    assert (expire_due(NOW), expire_due(NOW)) == (2, 0)
    assert [state_of(booking) for booking in (gone, stays, unanswered)] == ["expired", "held", "expired"]
    assert announced() == [BookingExpired, SlotsChanged] * 2


def test_a_lapsed_hold_that_may_still_be_paid_is_asked_for_until_it_is_closed(ada, ben, announced):
    booking = held(ada, ben, now=NOW - timedelta(minutes=10), guarded=True)
    assert (expire_due(NOW), expire_due(NOW)) == (1, 0)
    assert announced() == [HoldWanted]
    assert expire_due(NOW + timedelta(minutes=1)) == 1
    assert (state_of(booking), announced()) == ("held", [HoldWanted])
    unguard(booking.pk, now=NOW)
    assert expire_due(NOW + timedelta(minutes=1)) == 1
    assert state_of(booking) == "expired"


def test_a_booking_that_cannot_be_moved_holds_up_nobody_else(ada, bo, ben, monkeypatch):
    stuck = held(ada, ben, now=NOW - timedelta(minutes=11))
    gone = held(bo, ben, starts_at=TOMORROW + HOUR, now=NOW - timedelta(minutes=10))
    move_to = Booking.move_to

    def refuse(booking, target):
        if booking.pk == stuck.pk:
            raise ValueError("stuck")
        move_to(booking, target)

    monkeypatch.setattr(Booking, "move_to", refuse)
    assert expire_due(NOW) == 1
    assert [state_of(booking) for booking in (stuck, gone)] == ["held", "expired"]


def test_the_jobs_of_the_minute_do_what_is_due(ada, ben):
    held(ada, ben)
    confirmed(ada, ben, starts_at=TOMORROW + HOUR)
    for name in ("expire_due_bookings", "complete_due_bookings"):
        assert JOBS[name].every == timedelta(minutes=1)
        assert JOBS[name].run(TOMORROW + 3 * HOUR) == 1
