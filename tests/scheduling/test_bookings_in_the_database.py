"""What the database refuses, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.models import Booking
from scheduling.states import LIVE, BookingState
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, row

pytestmark = pytest.mark.django_db


def _refused(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


@pytest.mark.parametrize("state", sorted(LIVE))
@pytest.mark.parametrize("other", sorted(LIVE))
def test_live_bookings_of_one_coach_never_overlap(ada, ben, cleo, state, other):
    row(ada, ben, state)
    _refused(lambda: row(ada, cleo, other, TOMORROW + HOUR / 2))


def test_buffers_count_for_the_coach_and_not_for_the_candidate(ada, bo, ben, cleo):
    confirmed(ada, ben, buffer=15)
    _refused(lambda: confirmed(ada, cleo, starts_at=TOMORROW + HOUR))
    confirmed(bo, ben, starts_at=TOMORROW + HOUR, buffer=15)


def test_a_candidate_is_in_one_place(ada, bo, ben):
    confirmed(ada, ben)
    _refused(lambda: held(bo, ben, starts_at=TOMORROW + HOUR / 2))


def test_sessions_may_touch(ada, ben):
    confirmed(ada, ben)
    confirmed(ada, ben, starts_at=TOMORROW + HOUR)
    assert Booking.objects.count() == 2


@pytest.mark.parametrize("state", sorted(set(BookingState) - LIVE))
def test_what_is_not_live_is_in_nobodys_way(ada, ben, state):
    row(ada, ben, state)
    confirmed(ada, ben)


def test_coaches_and_candidates_with_the_same_number_are_different_people(ada, ben, cleo):
    confirmed(ada, ben)
    confirmed(ben, cleo)


@pytest.mark.parametrize(
    "columns",
    [
        {"period": DateTimeTZRange(empty=True)},
        {"period": DateTimeTZRange(TOMORROW, None)},
        {"blocked": DateTimeTZRange(empty=True)},
        {"blocked": DateTimeTZRange(None, TOMORROW + HOUR)},
        {"blocked": DateTimeTZRange(TOMORROW, None)},
        {"blocked": DateTimeTZRange(TOMORROW + timedelta(minutes=1), TOMORROW + HOUR)},
        {"period": None},
        {"blocked": None},
        {"coach": None},
        {"ends_at": TOMORROW},
        {"state": "wished"},
        {"hold_expires_at": None},
        {"cancelled_at": NOW},
        {"expired_at": NOW},
        {"expired_from": "held"},
    ],
)
def test_a_broken_booking_cannot_exist(ada, ben, columns):
    booking = held(ada, ben)
    _refused(lambda: Booking.objects.filter(pk=booking.pk).update(**columns))


def test_nobody_books_himself_whatever_the_code_does(ada):
    _refused(lambda: held(ada, ada))


def test_who_cancelled_is_told_only_of_what_was_cancelled(ada, ben):
    booking = confirmed(ada, ben)
    _refused(lambda: Booking.objects.filter(pk=booking.pk).update(cancelled_by=ben))
    _refused(lambda: Booking.objects.filter(pk=booking.pk).update(state="cancelled"))


def test_an_insert_says_whether_the_row_is_there(ada, ben, cleo):
    first, second = held(ada, ben), held(ada, cleo, starts_at=TOMORROW + HOUR)
    Booking.objects.filter(pk=second.pk).delete()
    second.set_time(TOMORROW, TOMORROW + HOUR, before=timedelta(0), after=timedelta(0))
    assert not Booking.objects.insert(second)
    second.set_time(TOMORROW + HOUR, TOMORROW + 2 * HOUR, before=timedelta(0), after=timedelta(0))
    assert Booking.objects.insert(second)
    second.refresh_from_db()
    assert (second.candidate, second.period.lower) == (cleo, first.period.upper)
