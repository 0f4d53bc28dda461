from datetime import timedelta

import pytest

from core.errors import NotFoundError
from scheduling.domain.cancelling import cancel_booking
from scheduling.domain.confirming import confirm_booking
from scheduling.domain.holds import extend_hold
from scheduling.models import Booking
from scheduling.queries.bookings import booking_of, timeline, unclosed_hold
from scheduling.states import Side
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, hold, open_around_the_clock

pytestmark = pytest.mark.django_db


def test_a_booking_is_found_by_its_two_sides_only(ada, ben, cleo, olu, django_assert_num_queries):
    booking = confirmed(ada, ben)
    for person in (ada, ben):
        with django_assert_num_queries(1):
            mine = booking_of(person, booking.pk)
            assert (mine.coach, mine.candidate, mine.policy.grace_minutes) == (ada, ben, 60)
        assert booking in Booking.objects.of(person)
    confirmed(ada, cleo, starts_at=TOMORROW + HOUR)
    for person in (cleo, olu):
        assert not Booking.objects.of(person).filter(pk=booking.pk).exists()
        with pytest.raises(NotFoundError):
            booking_of(person, booking.pk)


def test_the_timeline_tells_what_happened_and_who_did_it(ada, ben, django_assert_num_queries):
    open_around_the_clock(ada)
    booking = hold(ada, ben).booking
    at = [NOW + timedelta(minutes=minute) for minute in range(4)]
    extend_hold(booking.pk, by=ben, now=at[1])
    confirm_booking(booking.pk, now=at[2])
    cancel_booking(booking.pk, by=ada, now=at[3])
    with django_assert_num_queries(1):
        assert timeline(booking) == [
            {"at": at[0], "kind": "held", "by": "candidate"},
            {"at": at[1], "kind": "extended", "by": "candidate"},
            {"at": at[2], "kind": "confirmed", "by": "system"},
            {"at": at[3], "kind": "cancelled", "by": "coach"},
        ]


def test_everybody_in_a_booking_has_a_side(ada, ben, olu):
    booking = confirmed(ada, ben)
    assert [booking.side_of(person) for person in (ben, ada, None, olu)] == [
        Side.CANDIDATE,
        Side.COACH,
        Side.SYSTEM,
        Side.OPERATIONS,
    ]


def test_ones_own_unclosed_hold_with_a_coach_is_found(ada, bo, ben, cleo):
    lapsed = {"now": NOW - HOUR}
    held(ada, cleo, **lapsed, guarded=True)
    held(bo, ben, starts_at=TOMORROW + HOUR, **lapsed, guarded=True)
    held(ada, ben, starts_at=TOMORROW + 2 * HOUR, **lapsed)
    held(ada, ben, starts_at=TOMORROW + 3 * HOUR, guarded=True)
    assert unclosed_hold(ben, ada.pk, now=NOW) is None
    mine = held(ada, ben, starts_at=TOMORROW + 4 * HOUR, **lapsed, guarded=True)
    assert unclosed_hold(ben, ada.pk, now=NOW) == mine


def test_a_booking_reads_as_its_start_and_state(ada, ben):
    assert str(confirmed(ada, ben)) == "2026-11-03 10:00 UTC, confirmed"
