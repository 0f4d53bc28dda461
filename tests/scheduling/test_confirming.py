from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import IllegalTransitionError, NotFoundError
from scheduling.domain import confirming
from scheduling.domain.confirming import LateConfirmRefusedError, confirm_booking, confirm_late
from scheduling.events import (
    BookingConfirmed,
    BookingExpired,
    BookingRequested,
    SlotsChanged,
)
from scheduling.states import BookingState as S
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, history, row, state_of

pytestmark = pytest.mark.django_db
LAPSED = NOW - timedelta(minutes=11)


def test_a_paid_hold_is_confirmed_once(ada, ben, announced):
    booking = held(ada, ben)
    for later in (NOW, NOW + HOUR):
        assert confirm_booking(booking.pk, now=later).confirmed_at == NOW
    assert state_of(booking) == "confirmed"
    assert announced() == [BookingConfirmed]
    assert history(booking) == [("confirmed", None)]


def test_a_paid_hold_of_a_coach_who_approves_becomes_a_request(ada, ben, announced):
    booking = held(ada, ben, needs_approval=True)
    for later in (NOW, NOW + HOUR):
        asked = confirm_booking(booking.pk, now=later)
        assert (asked.state, asked.requested_at, asked.confirmed_at) == ("requested", NOW, None)
    assert announced() == [BookingRequested]


def test_who_paid_in_time_keeps_a_slot_that_lapsed_meanwhile(ada, ben):
    booking = held(ada, ben, now=LAPSED, guarded=True)
    assert confirm_booking(booking.pk, now=NOW).state == "confirmed"


@pytest.mark.parametrize("state", [S.EXPIRED, S.CANCELLED, S.DECLINED, S.COMPLETED])
def test_a_hold_that_is_gone_is_not_confirmed_by_the_ordinary_verb(ada, ben, state):
    booking = row(ada, ben, state)
    with pytest.raises(IllegalTransitionError):
        confirm_booking(booking.pk, now=NOW)
    assert state_of(booking) == state


@pytest.mark.parametrize("verb", [confirm_booking, confirm_late])
def test_an_unknown_booking_is_not_confirmed(db, verb):
    with pytest.raises(NotFoundError):
        verb(uuid4(), now=NOW)


def test_a_late_payment_is_honoured_while_the_slot_is_free(ada, ben, announced):
    booking = row(ada, ben, S.EXPIRED)
    for later in (NOW + HOUR, NOW + 2 * HOUR):
        late = confirm_late(booking.pk, now=later)
        assert (late.state, late.confirmed_at) == ("confirmed", NOW + HOUR)
    assert announced() == [BookingConfirmed, SlotsChanged]


def test_a_late_payment_is_honoured_inside_the_notice(ada, ben):
    booking = row(ada, ben, S.EXPIRED)
    assert confirm_late(booking.pk, now=TOMORROW - timedelta(seconds=1)).state == "confirmed"


def test_a_late_payment_expires_a_lapsed_hold_in_passing(ada, ben, cleo, announced):
    booking, lapsed = row(ada, ben, S.EXPIRED), held(ada, cleo, now=LAPSED)
    confirm_late(booking.pk, now=NOW)
    assert (state_of(booking), state_of(lapsed)) == ("confirmed", "expired")
    assert announced() == [BookingExpired, SlotsChanged, BookingConfirmed, SlotsChanged]


def _refusal(booking, now=NOW):
    with pytest.raises(LateConfirmRefusedError) as refused:
        confirm_late(booking.pk, now=now)
    return refused.value.reason


def test_a_late_payment_for_a_slot_that_somebody_else_has_goes_back(ada, ben, cleo):
    booking = row(ada, ben, S.EXPIRED)
    held(ada, cleo, starts_at=TOMORROW + HOUR / 2)
    assert (_refusal(booking), state_of(booking)) == ("slot_taken", "expired")


def test_a_lapsed_hold_that_may_still_be_paid_comes_before_a_late_payment(ada, ben, cleo):
    booking = row(ada, ben, S.EXPIRED)
    lapsed = held(ada, cleo, now=LAPSED, guarded=True)
    assert (_refusal(booking), state_of(lapsed)) == ("slot_taken", "held")


def test_a_late_payment_does_not_double_book_the_candidate(ada, bo, ben, cleo):
    booking = row(ada, ben, S.EXPIRED)
    lapsed = held(ada, cleo, now=LAPSED)
    confirmed(bo, ben, starts_at=TOMORROW + HOUR / 2)
    assert _refusal(booking) == "candidate_busy"
    # What was expired in passing for nothing is held again.
    assert state_of(lapsed) == "held"


@pytest.mark.parametrize(
    ("state", "columns", "reason"),
    [
        (S.CANCELLED, {}, "cancelled"),
        (S.DECLINED, {}, "declined"),
        (S.EXPIRED, {"expired_from": "requested"}, "request"),
        (S.EXPIRED, {"needs_approval": True}, "needs_approval"),
    ],
)
def test_a_late_payment_is_only_for_a_hold_that_ran_out(ada, ben, state, columns, reason):
    booking = row(ada, ben, state, **columns)
    assert (_refusal(booking), state_of(booking)) == (reason, state)


def test_a_late_payment_for_a_session_that_has_begun_goes_back(ada, ben):
    assert _refusal(row(ada, ben, S.EXPIRED), now=TOMORROW) == "past"


def test_the_database_refuses_what_a_late_payment_overlooked(ada, ben, cleo, monkeypatch):
    booking = row(ada, ben, S.EXPIRED)
    confirmed(ada, cleo)
    monkeypatch.setattr(confirming, "make_way", lambda *_, **__: None)
    assert (_refusal(booking), state_of(booking)) == ("slot_taken", "expired")
