"""The candidate moves his session: until when, how often, and what the new time has to satisfy."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import ForbiddenError, NotFoundError
from scheduling.domain import moving
from scheduling.domain.cancelling import cancel_booking, preview_cancellation
from scheduling.domain.conflicts import CandidateBusyError, SlotTakenError
from scheduling.domain.moving import MoveRefusedError, may_move, move_booking
from scheduling.domain.tries import SlotUnavailableError
from scheduling.events import (
    BookingCancelled,
    BookingExpired,
    BookingMoved,
    HoldWanted,
    SlotsChanged,
    TimeFreed,
)
from scheduling.models import Booking, Schedule
from scheduling.states import BookingState as S
from tests.scheduling.stage import (
    FREE,
    HOUR,
    NOW,
    TOMORROW,
    confirmed,
    held,
    history,
    hold,
    open_around_the_clock,
    overlapping_pairs,
    row,
)

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
LATER = TOMORROW + 3 * DAY


@pytest.fixture
def open_ada(ada):
    open_around_the_clock(ada)
    return ada


def times_of(booking):
    return Booking.objects.values_list("starts_at", "ends_at").get(pk=booking.pk)


def refusal(booking, starts_at, by, now=NOW):
    was = times_of(booking)
    with pytest.raises(MoveRefusedError) as refused:
        move_booking(booking.pk, starts_at, by=by, now=now)
    assert times_of(booking) == was
    return refused.value.code


def unavailable(booking, starts_at, by, now=NOW):
    with pytest.raises(SlotUnavailableError) as refused:
        move_booking(booking.pk, starts_at, by=by, now=now)
    return refused.value.reason


def test_a_move_takes_the_booking_to_its_new_time_and_tells_of_both(open_ada, ben, announced):
    booking = confirmed(open_ada, ben)
    moved = move_booking(booking.pk, LATER, by=ben, now=NOW)
    assert times_of(booking) == (LATER, LATER + HOUR)
    assert (moved.period.lower, moved.blocked.upper) == (LATER, LATER + HOUR)
    assert (moved.sequence, moved.late_moves, moved.agreed_start) == (1, 0, TOMORROW)
    assert announced() == [BookingMoved, TimeFreed, SlotsChanged, SlotsChanged]
    assert history(booking) == [("moved", "ben@demo.test")]


def test_moving_twice_to_one_time_is_moving_once(open_ada, ben, announced):
    booking = confirmed(open_ada, ben)
    for later in (NOW, NOW + HOUR):
        assert move_booking(booking.pk, LATER, by=ben, now=later).sequence == 1
    assert len(announced()) == 4


def test_to_the_time_it_has_is_no_move_however_late(open_ada, ben, announced):
    booking = confirmed(open_ada, ben)
    assert move_booking(booking.pk, TOMORROW, by=ben, now=TOMORROW - INSTANT).sequence == 0
    assert announced() == []


def test_early_a_session_moves_as_often_as_its_candidate_likes(open_ada, ben):
    booking = confirmed(open_ada, ben)
    for day in (1, 2, 3):
        move_booking(booking.pk, TOMORROW + day * DAY, by=ben, now=NOW)
    assert times_of(booking)[0] == TOMORROW + 3 * DAY
    row_now = Booking.objects.get(pk=booking.pk)
    assert (row_now.sequence, row_now.late_moves, row_now.agreed_start) == (3, 0, TOMORROW)


@pytest.mark.parametrize(("ahead", "late"), [(24 * HOUR, 0), (24 * HOUR - INSTANT, 1), (2 * HOUR, 1)])
def test_from_a_day_to_two_hours_before_a_move_counts(open_ada, ben, ahead, late):
    booking = confirmed(open_ada, ben)
    assert move_booking(booking.pk, LATER, by=ben, now=TOMORROW - ahead).late_moves == late


def test_late_a_session_moves_once(open_ada, ben):
    booking = confirmed(open_ada, ben)
    move_booking(booking.pk, LATER, by=ben, now=TOMORROW - 3 * HOUR)
    # Early again, it moves again; late again, it does not.
    move_booking(booking.pk, LATER + HOUR, by=ben, now=LATER - 24 * HOUR)
    assert refusal(booking, LATER + DAY, ben, now=LATER - 3 * HOUR) == "moved_already"


def test_how_often_it_moves_late_is_a_setting(open_ada, ben, settings):
    settings.FREE_RESCHEDULES = 2
    booking = confirmed(open_ada, ben)
    for n in (1, 2):
        starts_at = times_of(booking)[0]
        move_booking(booking.pk, TOMORROW + n * DAY, by=ben, now=starts_at - 3 * HOUR)
    assert refusal(booking, TOMORROW + 5 * DAY, ben, now=times_of(booking)[0] - 3 * HOUR) == "moved_already"


@pytest.mark.parametrize("ahead", [2 * HOUR - INSTANT, INSTANT, timedelta(), -HOUR])
def test_under_two_hours_it_never_moves(open_ada, ben, ahead):
    booking = confirmed(open_ada, ben)
    assert refusal(booking, LATER, ben, now=TOMORROW - ahead) == "too_late_to_move"


@pytest.mark.parametrize("state", [state for state in S if state != S.CONFIRMED])
def test_only_what_is_confirmed_moves(open_ada, ben, state):
    booking = row(open_ada, ben, state)
    assert refusal(booking, LATER, ben) == "illegal_state"


def test_the_policy_that_was_booked_decides_when_a_move_is_late(open_ada, ben, settings):
    settings.CANCELLATION_TIERS = [
        {"from_hours": 48, "refund_percent": 100},
        {"from_hours": 4, "refund_percent": 30},
        {"from_hours": 0, "refund_percent": 0},
    ]
    booking = confirmed(open_ada, ben)
    settings.CANCELLATION_TIERS = [{"from_hours": 0, "refund_percent": 0}]
    assert refusal(booking, LATER, ben, now=TOMORROW - 3 * HOUR) == "too_late_to_move"
    move_booking(booking.pk, LATER, by=ben, now=TOMORROW - 24 * HOUR)
    assert Booking.objects.get(pk=booking.pk).late_moves == 1
    assert preview_cancellation(Booking.objects.get(pk=booking.pk), by=ben, now=NOW) == ("half", 30)


def test_a_policy_without_any_refund_lets_a_session_move_until_its_start(open_ada, ben, settings):
    settings.CANCELLATION_TIERS = [{"from_hours": 0, "refund_percent": 0}]
    booking = confirmed(open_ada, ben)
    assert move_booking(booking.pk, LATER, by=ben, now=TOMORROW).late_moves == 0


def test_strangers_find_nothing_to_move_and_a_coach_has_to_ask(open_ada, bo, ben, cleo, olu):
    booking = confirmed(open_ada, ben)
    for person in (bo, cleo, olu):
        with pytest.raises(NotFoundError):
            move_booking(booking.pk, LATER, by=person, now=NOW)
    with pytest.raises(ForbiddenError):
        move_booking(booking.pk, LATER, by=open_ada, now=NOW)
    with pytest.raises(NotFoundError):
        move_booking(uuid4(), LATER, by=ben, now=NOW)
    assert times_of(booking)[0] == TOMORROW


def test_it_may_overlap_its_own_old_time(open_ada, ben):
    booking = confirmed(open_ada, ben, buffer=30)
    move_booking(booking.pk, TOMORROW + HOUR / 2, by=ben, now=NOW)
    assert times_of(booking) == (TOMORROW + HOUR / 2, TOMORROW + 3 * HOUR / 2)


def test_it_moves_into_a_day_and_a_week_that_only_itself_fills(ada, ben):
    open_around_the_clock(ada, max_per_day=1, max_per_week=1)
    booking = confirmed(ada, ben)
    move_booking(booking.pk, TOMORROW + HOUR, by=ben, now=NOW)
    move_booking(booking.pk, TOMORROW + DAY, by=ben, now=NOW)
    assert times_of(booking)[0] == TOMORROW + DAY


def test_it_does_not_move_into_a_day_or_a_week_that_is_full(ada, ben, cleo):
    open_around_the_clock(ada, max_per_day=1, max_per_week=2)
    booking = confirmed(ada, ben)
    confirmed(ada, cleo, starts_at=TOMORROW + DAY)
    for day in (7, 8):
        confirmed(ada, cleo, starts_at=TOMORROW + day * DAY)
    assert unavailable(booking, TOMORROW + DAY + 5 * HOUR, ben) == "daily_limit"
    assert unavailable(booking, TOMORROW + 9 * DAY, ben) == "weekly_limit"
    move_booking(booking.pk, TOMORROW + 2 * DAY, by=ben, now=NOW)


@pytest.mark.parametrize(
    ("starts_at", "reason"),
    [
        (NOW - HOUR, "past"),
        (NOW + 12 * HOUR - HOUR / 2, "notice"),
        (NOW + 61 * DAY, "booking_window"),
        (NOW + 40 * DAY, "outside_hours"),
        (TOMORROW + timedelta(minutes=10), "off_grid"),
    ],
)
def test_the_new_time_satisfies_the_rules_of_a_slot(open_ada, ben, starts_at, reason):
    assert unavailable(confirmed(open_ada, ben), starts_at, ben) == reason


def test_a_paused_coach_is_not_moved_to(open_ada, ben):
    Schedule.objects.update(paused_until=NOW + HOUR)
    assert unavailable(confirmed(open_ada, ben), LATER, ben) == "paused"


def test_a_time_that_somebody_has_is_taken_and_the_nearest_others_are_told(open_ada, ben, cleo):
    booking = confirmed(open_ada, ben)
    confirmed(open_ada, cleo, starts_at=TOMORROW + HOUR)
    with pytest.raises(SlotTakenError) as taken:
        move_booking(booking.pk, TOMORROW + HOUR, by=ben, now=NOW)
    # Half an hour earlier or later each would overlap Cleo's; the time that Ben has is no alternative.
    half = HOUR / 2
    assert taken.value.alternatives == [TOMORROW - half, TOMORROW + 2 * HOUR, TOMORROW + 2 * HOUR + half]
    assert times_of(booking)[0] == TOMORROW


def test_what_was_spent_is_not_moved_onto(open_ada, ben, cleo):
    booking = confirmed(open_ada, ben)
    row(open_ada, cleo, S.NO_SHOW_CANDIDATE, starts_at=LATER)
    with pytest.raises(SlotTakenError):
        move_booking(booking.pk, LATER, by=ben, now=NOW)


def test_the_candidates_other_session_is_named(open_ada, bo, ben):
    booking = confirmed(open_ada, ben)
    elsewhere = confirmed(bo, ben, starts_at=LATER + HOUR / 2)
    with pytest.raises(CandidateBusyError) as busy:
        move_booking(booking.pk, LATER, by=ben, now=NOW)
    assert busy.value.booking == elsewhere
    assert times_of(booking)[0] == TOMORROW


def test_a_lapsed_hold_is_expired_in_passing_unless_it_may_still_be_paid(open_ada, ben, cleo, announced):
    booking = confirmed(open_ada, ben)
    guarded = held(open_ada, cleo, starts_at=LATER, now=NOW - HOUR, guarded=True)
    lapsed = held(open_ada, cleo, starts_at=LATER + DAY, now=NOW - HOUR)
    with pytest.raises(SlotTakenError):
        move_booking(booking.pk, LATER, by=ben, now=NOW)
    assert announced() == [HoldWanted]
    move_booking(booking.pk, LATER + DAY, by=ben, now=NOW)
    assert [announced()[0], *_states(guarded, lapsed)] == [BookingExpired, "held", "expired"]


def _states(*bookings):
    return [Booking.objects.values_list("state", flat=True).get(pk=booking.pk) for booking in bookings]


def test_a_move_has_the_buffers_of_now_and_the_length_that_was_booked(open_ada, ben):
    booking = confirmed(open_ada, ben, minutes=45, buffer=5)
    Schedule.objects.update(buffer_before_minutes=10, buffer_after_minutes=20)
    moved = move_booking(booking.pk, LATER, by=ben, now=NOW)
    assert (moved.starts_at, moved.ends_at) == (LATER, LATER + timedelta(minutes=45))
    assert moved.blocked.lower == LATER - timedelta(minutes=10)
    assert moved.blocked.upper == LATER + timedelta(minutes=65)


def test_the_old_time_is_free_again_and_the_new_one_is_not(open_ada, ben, cleo):
    booking = confirmed(open_ada, ben)
    move_booking(booking.pk, LATER, by=ben, now=NOW)
    with pytest.raises(SlotTakenError):
        hold(open_ada, cleo, LATER, FREE)
    assert hold(open_ada, cleo, TOMORROW, FREE).is_new
    assert overlapping_pairs() == []


def test_the_database_refuses_what_a_move_overlooked(open_ada, ben, cleo, monkeypatch):
    booking = confirmed(open_ada, ben)
    confirmed(open_ada, cleo, starts_at=LATER)
    monkeypatch.setattr(moving, "make_way", lambda *_, **__: None)
    monkeypatch.setattr(moving, "_refuse_unless_offered", lambda *_, **__: None)
    with pytest.raises(SlotTakenError) as taken:
        move_booking(booking.pk, LATER, by=ben, now=NOW)
    assert len(taken.value.alternatives) == 3
    assert times_of(booking)[0] == TOMORROW


def test_may_move_says_what_the_verb_does(open_ada, ben, settings):
    booking = confirmed(open_ada, ben)
    may = may_move(booking, by=ben, now=NOW)
    assert (may.refusal, may.late, may.needs_consent, may.until) == (None, False, False, TOMORROW - 2 * HOUR)
    late = may_move(booking, by=ben, now=TOMORROW - 3 * HOUR)
    assert (late.refusal, late.late) == (None, True)
    booking.late_moves = 1
    spent = may_move(booking, by=ben, now=TOMORROW - 3 * HOUR)
    assert (spent.refusal, spent.until) == ("moved_already", TOMORROW - 24 * HOUR)
    assert may_move(booking, by=open_ada, now=NOW).needs_consent


# What a move does to a later cancellation


def cancelled(booking, by, now):
    result = cancel_booking(booking.pk, by=by, now=now)
    return result.rule, result.refund_percent


def test_after_a_late_move_his_own_cancellation_gives_at_most_half(open_ada, ben):
    booking = confirmed(open_ada, ben)
    move_booking(booking.pk, LATER, by=ben, now=TOMORROW - 3 * HOUR)
    assert cancelled(booking, ben, LATER - 2 * DAY) == ("half", 50)


def test_after_a_late_move_the_last_hours_give_nothing_and_the_coach_everything(open_ada, ben):
    booking = confirmed(open_ada, ben)
    move_booking(booking.pk, LATER, by=ben, now=TOMORROW - 3 * HOUR)
    moved = Booking.objects.get(pk=booking.pk)
    assert preview_cancellation(moved, by=ben, now=LATER - HOUR) == ("none", 0)
    assert preview_cancellation(moved, by=None, now=LATER - HOUR) == ("full", 100)
    assert cancelled(booking, open_ada, LATER - HOUR) == ("coach", 100)


def test_grace_does_not_undo_a_late_move(open_ada, ben):
    start = NOW + timedelta(hours=24, minutes=30)
    booking = confirmed(open_ada, ben, starts_at=start)
    now = NOW + timedelta(minutes=40)
    assert preview_cancellation(booking, by=ben, now=now) == ("grace", 100)
    move_booking(booking.pk, start.replace(minute=0) + 2 * DAY, by=ben, now=now)
    assert cancelled(booking, ben, now) == ("half", 50)


def test_an_early_move_leaves_the_policy_as_it_was(open_ada, ben):
    booking = confirmed(open_ada, ben)
    move_booking(booking.pk, LATER, by=ben, now=NOW)
    assert cancelled(booking, ben, LATER - 24 * HOUR) == ("full", 100)


def test_grace_looks_at_the_start_that_was_confirmed(open_ada, ben):
    booking = confirmed(open_ada, ben, starts_at=NOW + 30 * HOUR)
    move_booking(booking.pk, NOW + 13 * HOUR, by=ben, now=NOW)
    assert cancelled(booking, ben, NOW + timedelta(minutes=59)) == ("grace", 100)
    other = confirmed(open_ada, ben, starts_at=NOW + 20 * HOUR)
    assert preview_cancellation(other, by=ben, now=NOW) == ("half", 50)


def test_cancelling_a_moved_booking_tells_of_its_new_time_and_counts_on(open_ada, ben, announced):
    booking = confirmed(open_ada, ben)
    move_booking(booking.pk, LATER, by=ben, now=NOW)
    announced()
    cancel_booking(booking.pk, by=ben, now=NOW)
    assert announced() == [BookingCancelled, SlotsChanged]
    assert Booking.objects.get(pk=booking.pk).sequence == 2
