from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from core.models import OutboxMessage
from scheduling.domain import holds
from scheduling.domain.holds import (
    CandidateBusyError,
    OwnCoachError,
    SlotTakenError,
    SlotUnavailableError,
    TooManyHoldsError,
    trying,
)
from scheduling.events import (
    BookingCancelled,
    BookingConfirmed,
    BookingExpired,
    BookingHeld,
    BookingRequested,
    HoldWanted,
    SlotsChanged,
)
from scheduling.models import Booking
from scheduling.states import BookingState as S
from tests.scheduling.stage import (
    ASKED,
    FREE,
    HOUR,
    NOW,
    PAID,
    PAID_ASKED,
    TOMORROW,
    confirmed,
    held,
    history,
    hold,
    open_around_the_clock,
    row,
    state_of,
)

pytestmark = pytest.mark.django_db
LAPSED = NOW - timedelta(minutes=11)
"""What was held then has lapsed now."""


@pytest.fixture(autouse=True)
def hours(ada, bo):
    open_around_the_clock(ada)
    open_around_the_clock(bo)


@pytest.mark.parametrize("terms", [PAID, PAID_ASKED])
def test_a_paid_slot_is_held_for_ten_minutes(ada, ben, terms, announced):
    made = hold(ada, ben, terms=terms)
    booking = Booking.objects.get()
    assert (made.booking, made.is_new) == (booking, True)
    assert (booking.state, booking.coach, booking.candidate) == ("held", ada, ben)
    assert (booking.starts_at, booking.ends_at) == (TOMORROW, TOMORROW + HOUR)
    assert booking.hold_expires_at == NOW + timedelta(minutes=10)
    assert (booking.confirmed_at, booking.requested_at, booking.guarded) == (None, None, False)
    assert (booking.offer, booking.terms, booking.timezone) == (terms.offer, terms.terms, "Europe/London")
    assert history(booking) == [("held", "ben@demo.test")]
    assert announced() == [BookingHeld, SlotsChanged]


def test_where_nothing_is_to_be_paid_the_booking_is_confirmed_at_once(ada, ben, announced):
    booking = hold(ada, ben, terms=FREE).booking
    booking.refresh_from_db()
    assert (booking.state, booking.confirmed_at, booking.hold_expires_at) == ("confirmed", NOW, None)
    assert history(booking) == [("confirmed", "ben@demo.test")]
    assert announced() == [BookingConfirmed, SlotsChanged]


def test_a_coach_who_wants_to_approve_is_asked(ada, ben, announced):
    booking = hold(ada, ben, terms=ASKED).booking
    booking.refresh_from_db()
    assert (booking.state, booking.requested_at, booking.confirmed_at) == ("requested", NOW, None)
    assert announced() == [BookingRequested, SlotsChanged]


def test_a_booking_keeps_the_buffers_it_was_made_with(ada, ben):
    ada.schedule.buffer_before_minutes, ada.schedule.buffer_after_minutes = 10, 20
    ada.schedule.save()
    booking = hold(ada, ben).booking
    booking.refresh_from_db()
    assert booking.blocked.lower == TOMORROW - timedelta(minutes=10)
    assert booking.blocked.upper == TOMORROW + timedelta(minutes=80)
    assert (booking.period.lower, booking.period.upper) == (TOMORROW, TOMORROW + HOUR)


def test_pressed_twice_it_is_one_hold(ada, ben):
    first = hold(ada, ben)
    again = hold(ada, ben, now=NOW + timedelta(minutes=9))
    assert (again.booking, again.is_new) == (first.booking, False)
    assert again.booking.hold_expires_at == NOW + timedelta(minutes=10)
    assert history(first.booking) == [("held", "ben@demo.test")]


@pytest.mark.parametrize("terms", [FREE, ASKED])
def test_a_free_session_pressed_twice_is_one_too(ada, ben, terms):
    first = hold(ada, ben, terms=terms)
    again = hold(ada, ben, terms=terms)
    assert (again.booking, again.is_new, Booking.objects.count()) == (first.booking, False, 1)


@pytest.mark.parametrize("state", [S.CONFIRMED, S.REQUESTED])
def test_what_was_paid_is_not_held_again_but_answered(ada, ben, state):
    """A balance that covers all confirms at once: the second press finds what the first one made."""
    paid = row(ada, ben, state)
    again = hold(ada, ben)
    assert (again.booking, again.is_new, Booking.objects.count()) == (paid, False, 1)
    with pytest.raises(SlotTakenError):
        hold(ada, ben, terms=PAID_ASKED)


def test_another_choice_with_this_coach_releases_the_old_hold(ada, ben, announced):
    old = hold(ada, ben).booking
    announced()
    new = hold(ada, ben, TOMORROW + HOUR / 2).booking
    old.refresh_from_db()
    assert (old.state, old.cancelled_at, old.cancelled_by) == ("cancelled", NOW, ben)
    assert (state_of(new), Booking.objects.live().count()) == ("held", 1)
    assert announced() == [BookingCancelled, SlotsChanged, BookingHeld, SlotsChanged]


def test_other_terms_for_the_same_start_are_another_choice(ada, ben):
    old = hold(ada, ben).booking
    new = hold(ada, ben, terms=PAID_ASKED).booking
    assert (state_of(old), state_of(new)) == ("cancelled", "held")


def test_a_hold_with_another_coach_stays(ada, bo, ben):
    one = hold(ada, ben).booking
    other = hold(bo, ben, TOMORROW + HOUR).booking
    assert (state_of(one), state_of(other)) == ("held", "held")


def test_when_the_new_choice_fails_the_old_hold_is_kept(ada, ben, cleo, announced):
    old = hold(ada, ben).booking
    confirmed(ada, cleo, starts_at=TOMORROW + HOUR)
    announced()
    with pytest.raises(SlotTakenError) as taken:
        hold(ada, ben, TOMORROW + HOUR)
    assert state_of(old) == "held"
    # The old hold is in nobody's alternatives: it was never free.
    assert taken.value.alternatives == [
        TOMORROW - HOUR,
        TOMORROW + 2 * HOUR,
        TOMORROW + 2 * HOUR + HOUR / 2,
    ]
    assert announced() == []


def test_a_taken_slot_answers_the_nearest_free_starts_in_time_order(ada, ben, cleo):
    confirmed(ada, cleo)
    with pytest.raises(SlotTakenError) as taken:
        hold(ada, ben)
    # Nearest first: 9:00 and 11:00 are an hour away, the earlier wins the tie; then 8:30 against 11:30.
    assert taken.value.alternatives == [TOMORROW - 1.5 * HOUR, TOMORROW - HOUR, TOMORROW + HOUR]
    assert taken.value.as_json()["error"]["alternatives"] == [
        "2026-11-03T08:30:00Z",
        "2026-11-03T09:00:00Z",
        "2026-11-03T11:00:00Z",
    ]
    assert not Booking.objects.filter(candidate=ben).exists()


@pytest.mark.parametrize("minutes", [-30, 0, 30])
def test_any_overlap_with_the_coachs_bookings_is_taken(ada, ben, cleo, minutes):
    hold(ada, cleo, TOMORROW + timedelta(minutes=minutes))
    with pytest.raises(SlotTakenError):
        hold(ada, ben)


def test_an_hour_that_was_spent_is_taken_too(ada, ben, cleo):
    row(ada, cleo, "no_show_candidate")
    with pytest.raises(SlotTakenError):
        hold(ada, ben)


def test_ones_own_session_elsewhere_is_named(ada, bo, ben):
    elsewhere = confirmed(bo, ben, starts_at=TOMORROW + HOUR / 2)
    with pytest.raises(CandidateBusyError) as busy:
        hold(ada, ben)
    assert busy.value.as_json()["error"]["booking"] == str(elsewhere.pk)
    assert (busy.value.code, busy.value.status) == ("candidate_busy", 409)


def test_a_coachs_booking_counts_before_ones_own(ada, bo, ben, cleo):
    confirmed(bo, ben)
    confirmed(ada, cleo)
    with pytest.raises(SlotTakenError):
        hold(ada, ben)


def test_nobody_books_himself(ada):
    with pytest.raises(OwnCoachError) as own:
        hold(ada, ada)
    assert own.value.code == "own_coach"


@pytest.mark.parametrize(
    ("starts_at", "reason"),
    [
        (NOW - HOUR, "past"),
        (NOW + HOUR, "notice"),
        (NOW + timedelta(days=61), "booking_window"),
        (NOW + timedelta(days=40), "outside_hours"),
        (TOMORROW + timedelta(minutes=10), "off_grid"),
        (TOMORROW + timedelta(seconds=1), "off_grid"),
    ],
)
def test_a_posted_time_that_is_no_slot_is_refused(ada, ben, starts_at, reason):
    with pytest.raises(SlotUnavailableError) as refused:
        hold(ada, ben, starts_at)
    assert (refused.value.code, refused.value.extra["reason"]) == ("slot_unavailable", reason)
    assert not Booking.objects.exists()


def test_somebody_without_a_schedule_has_no_slots(cleo, ben):
    with pytest.raises(SlotUnavailableError) as refused:
        hold(cleo, ben)
    assert refused.value.reason == "outside_hours"


def test_the_limit_of_a_day_is_asked_again_inside_the_try(ada, ben, cleo):
    ada.schedule.max_per_day = 1
    ada.schedule.save()
    hold(ada, cleo)
    with pytest.raises(SlotUnavailableError) as refused:
        hold(ada, ben, TOMORROW + 3 * HOUR)
    assert refused.value.reason == "daily_limit"


def test_a_person_has_at_most_three_orders_unpaid(ada, bo, ben, cleo, olu):
    series = {"series": "7a0b1b5e-6b0e-4a38-9b05-3a1c2f9d7d11"}
    held(cleo, ben, starts_at=TOMORROW + 2 * HOUR, **series)
    held(cleo, ben, starts_at=TOMORROW + 4 * HOUR, **series)
    held(olu, ben, starts_at=TOMORROW + 6 * HOUR)
    held(cleo, ben, starts_at=TOMORROW + 8 * HOUR, hold_expires_at=NOW)
    hold(ada, ben)
    with pytest.raises(TooManyHoldsError) as refused:
        hold(bo, ben, TOMORROW + 9 * HOUR)
    assert refused.value.code == "too_many_holds"
    assert hold(bo, ben, TOMORROW + 9 * HOUR, terms=FREE).is_new
    assert hold(ada, ben, TOMORROW + HOUR / 2).is_new


def test_a_lapsed_hold_that_nobody_can_pay_is_expired_in_passing(ada, bo, ben, cleo, announced):
    others = held(ada, cleo, now=LAPSED)
    own_elsewhere = held(bo, ben, starts_at=TOMORROW + HOUR / 2, now=LAPSED)
    assert hold(ada, ben).is_new
    for lapsed in (others, own_elsewhere):
        lapsed.refresh_from_db()
        assert (lapsed.state, lapsed.expired_at, lapsed.expired_from) == ("expired", NOW, "held")
        assert history(lapsed) == [("expired", None)]
    assert announced().count(BookingExpired) == 2


def test_ones_own_lapsed_hold_with_this_coach_is_closed_first(ada, ben):
    lapsed = held(ada, ben, starts_at=TOMORROW + 5 * HOUR, now=LAPSED)
    assert hold(ada, ben).is_new
    assert state_of(lapsed) == "expired"


def test_a_lapsed_hold_that_may_still_be_paid_keeps_its_time_and_is_wanted(ada, ben, cleo, announced):
    lapsed = held(ada, cleo, now=LAPSED, guarded=True)
    for _ in range(2):
        with pytest.raises(SlotTakenError) as taken:
            hold(ada, ben)
        assert taken.value.wanted == (lapsed.pk,)
    assert state_of(lapsed) == "held"
    assert announced() == [HoldWanted]
    with pytest.raises(SlotTakenError):
        hold(ada, ben, now=NOW + timedelta(minutes=1))
    assert announced() == [HoldWanted]


def test_ones_own_lapsed_hold_elsewhere_that_may_still_be_paid_is_wanted(ada, bo, ben, announced):
    lapsed = held(bo, ben, now=LAPSED, guarded=True)
    with pytest.raises(CandidateBusyError):
        hold(ada, ben)
    assert (state_of(lapsed), announced()) == ("held", [HoldWanted])


def test_a_seller_that_writes_inside_the_try_does_not_lose_the_word(ada, ben, cleo, announced):
    held(ada, cleo, now=LAPSED, guarded=True)
    with pytest.raises(SlotTakenError), trying(now=NOW):
        hold(ada, ben)
    assert announced() == [HoldWanted]


def test_a_try_whose_seller_fails_leaves_nothing(ada, ben):
    def book():
        with trying(now=NOW):
            hold(ada, ben)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        book()
    assert not Booking.objects.exists()


def test_a_try_asks_a_constant_number_of_questions(ada, ben, cleo, django_assert_max_num_queries):
    hold(ada, cleo, TOMORROW + 2 * HOUR)
    with django_assert_max_num_queries(20):
        hold(ada, ben)


def test_slots_changed_reaches_all_that_a_booking_may_close(ada, ben, announced):
    hold(ada, ben)
    change = OutboxMessage.objects.get(event="SlotsChanged").payload
    assert change["coach_id"] == ada.pk
    assert change["from_at"] <= (TOMORROW - timedelta(days=7)).isoformat()
    assert change["to_at"] >= (TOMORROW + HOUR + timedelta(days=7)).isoformat()


def test_the_database_refuses_what_a_try_overlooked(ada, ben, cleo, monkeypatch):
    confirmed(ada, cleo)
    monkeypatch.setattr(holds, "make_way", lambda *_, **__: None)
    monkeypatch.setattr(holds, "_ask", lambda *_, **__: None)
    with pytest.raises(SlotTakenError):
        hold(ada, ben)
    assert not Booking.objects.filter(candidate=ben).exists()


def test_only_a_wait_that_was_too_long_reads_as_taken(db):
    def interrupted():
        with trying(now=NOW), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', '1', true)")
            cursor.execute("SELECT pg_sleep(60)")

    with pytest.raises(OperationalError):
        interrupted()
