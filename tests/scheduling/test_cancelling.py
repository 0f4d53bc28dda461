from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from scheduling.domain.cancelling import (
    Rule,
    SessionBegunError,
    cancel_booking,
    outcome,
    preview_cancellation,
    refund_rule,
)
from scheduling.events import BookingCancelled, SlotsChanged
from scheduling.models import CancellationPolicy
from scheduling.states import BookingState as S
from scheduling.states import Side
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, history, requested, row, state_of

INSTANT = timedelta(microseconds=1)
POLICY = CancellationPolicy(
    tiers=[
        {"from_hours": 24, "refund_percent": 100},
        {"from_hours": 2, "refund_percent": 50},
        {"from_hours": 0, "refund_percent": 0},
    ],
    grace_minutes=60,
    grace_from_hours=24,
)
START = NOW + timedelta(days=30)


def _rule(before_start, *, side=Side.CANDIDATE, confirmed_before=timedelta(days=9), requested_at=None):
    confirmed_at = None if confirmed_before is None else START - confirmed_before
    return refund_rule(
        POLICY,
        side=side,
        starts_at=START,
        confirmed_at=confirmed_at,
        requested_at=requested_at,
        at=START - before_start,
    )


@pytest.mark.parametrize(
    ("before_start", "answer"),
    [
        (24 * HOUR + INSTANT, (Rule.FULL, 100)),
        (24 * HOUR, (Rule.FULL, 100)),
        (24 * HOUR - INSTANT, (Rule.HALF, 50)),
        (2 * HOUR, (Rule.HALF, 50)),
        (2 * HOUR - INSTANT, (Rule.NONE, 0)),
        (INSTANT, (Rule.NONE, 0)),
    ],
)
def test_the_tiers_end_where_they_say(before_start, answer):
    assert _rule(before_start) == answer


@pytest.mark.parametrize(
    ("confirmed_before", "after", "answer"),
    [
        (24 * HOUR + INSTANT, HOUR - INSTANT, (Rule.GRACE, 100)),
        (24 * HOUR + INSTANT, HOUR, (Rule.HALF, 50)),
        (24 * HOUR, INSTANT, (Rule.HALF, 50)),
        (30 * HOUR, HOUR / 2, (Rule.FULL, 100)),
    ],
)
def test_grace_is_an_hour_for_what_was_more_than_a_day_away_when_confirmed(confirmed_before, after, answer):
    assert _rule(confirmed_before - after, confirmed_before=confirmed_before) == answer


def test_below_the_last_tier_nothing_goes_back():
    policy = CancellationPolicy(tiers=POLICY.tiers[:1], grace_minutes=0, grace_from_hours=24)
    assert refund_rule(
        policy,
        side=Side.CANDIDATE,
        starts_at=START,
        confirmed_at=NOW,
        requested_at=None,
        at=START - 23 * HOUR,
    ) == (Rule.NONE, 0)


def test_a_coach_gives_everything_back_however_late():
    assert _rule(INSTANT, side=Side.COACH) == (Rule.COACH, 100)


def test_the_system_gives_everything_back():
    assert _rule(INSTANT, side=Side.SYSTEM) == (Rule.FULL, 100)


def test_what_was_not_accepted_yet_goes_back_whole():
    assert _rule(INSTANT, confirmed_before=None, requested_at=NOW) == (Rule.REQUEST, 100)
    assert _rule(INSTANT, confirmed_before=None) == (Rule.FULL, 100)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(24.001, 200))
def test_waiting_never_brings_more_back(one, other, confirmed_before):
    early, late = max(one, other), min(one, other)
    since = max(confirmed_before, early) * HOUR
    assert (
        _rule(late * HOUR + INSTANT, confirmed_before=since).refund_percent
        <= _rule(early * HOUR + INSTANT, confirmed_before=since).refund_percent
    )


@pytest.mark.django_db
def test_a_candidate_cancels_once(ada, ben, announced):
    booking = confirmed(ada, ben)
    first = cancel_booking(booking.pk, by=ben, now=NOW)
    # A day later less would go back; cancelled is cancelled.
    again = cancel_booking(booking.pk, by=ben, now=TOMORROW - HOUR)
    assert first == again
    assert (again.rule, again.refund_percent) == ("full", 100)
    assert (again.booking.cancelled_at, again.booking.cancelled_by) == (NOW, ben)
    assert announced() == [BookingCancelled, SlotsChanged]
    assert history(booking) == [("cancelled", "ben@demo.test")]


@pytest.mark.django_db
def test_what_the_other_side_cancelled_stays_as_it_was(ada, ben):
    booking = confirmed(ada, ben)
    cancel_booking(booking.pk, by=ben, now=TOMORROW - HOUR)
    again = cancel_booking(booking.pk, by=ada, now=TOMORROW - HOUR)
    assert (again.rule, again.refund_percent, again.booking.cancelled_by) == ("none", 0, ben)


@pytest.mark.django_db
def test_from_the_start_on_nothing_is_cancelled(ada, ben):
    booking = confirmed(ada, ben)
    for person in (ada, ben):
        with pytest.raises(SessionBegunError):
            cancel_booking(booking.pk, by=person, now=TOMORROW)
    assert cancel_booking(booking.pk, by=ben, now=TOMORROW - INSTANT).rule == "none"


@pytest.mark.django_db
def test_a_cancellation_that_came_before_the_start_is_still_told_after_it(ada, ben):
    booking = confirmed(ada, ben)
    cancel_booking(booking.pk, by=ben, now=NOW)
    assert cancel_booking(booking.pk, by=ben, now=TOMORROW + HOUR).refund_percent == 100


@pytest.mark.django_db
def test_strangers_find_nothing_to_cancel(ada, bo, ben, cleo, olu):
    booking = confirmed(ada, ben)
    for person in (bo, cleo, olu):
        with pytest.raises(NotFoundError):
            cancel_booking(booking.pk, by=person, now=NOW)
        with pytest.raises(NotFoundError):
            preview_cancellation(booking, by=person, now=NOW)
    with pytest.raises(NotFoundError):
        cancel_booking(uuid4(), by=ben, now=NOW)
    assert state_of(booking) == "confirmed"


@pytest.mark.django_db
def test_a_candidate_releases_a_hold_and_the_coach_does_not(ada, ben):
    booking = held(ada, ben)
    with pytest.raises(ForbiddenError):
        cancel_booking(booking.pk, by=ada, now=NOW)
    assert cancel_booking(booking.pk, by=ben, now=NOW).refund_percent == 100


@pytest.mark.django_db
def test_a_request_is_withdrawn_whole(ada, ben):
    booking = requested(ada, ben)
    cancelled = cancel_booking(booking.pk, by=ben, now=TOMORROW - INSTANT)
    assert (cancelled.rule, cancelled.refund_percent) == ("request", 100)


@pytest.mark.django_db
def test_the_system_cancels_for_nobody(ada, ben):
    booking = confirmed(ada, ben)
    cancelled = cancel_booking(booking.pk, by=None, now=TOMORROW - HOUR)
    assert (cancelled.rule, cancelled.refund_percent, cancelled.booking.cancelled_by) == ("full", 100, None)
    assert outcome(cancelled.booking) == ("full", 100)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [S.EXPIRED, S.DECLINED, S.COMPLETED, S.NO_SHOW_COACH])
def test_what_is_over_is_not_cancelled(ada, ben, state):
    booking = row(ada, ben, state)
    with pytest.raises(IllegalTransitionError):
        cancel_booking(booking.pk, by=ben, now=NOW)


@pytest.mark.django_db
def test_what_was_declined_or_expired_goes_back_whole(ada, ben):
    assert outcome(row(ada, ben, S.DECLINED)) == ("declined", 100)
    assert outcome(row(ada, ben, S.EXPIRED)) == ("expired", 100)
    with pytest.raises(IllegalTransitionError):
        outcome(confirmed(ada, ben))


@pytest.mark.django_db
@pytest.mark.parametrize("state", [S.HELD, S.REQUESTED, S.CONFIRMED])
@pytest.mark.parametrize("minutes", [0, 59, 60, 61, 119, 120, 1439, 1440, 1441, 1499, 1500])
def test_a_preview_is_what_happens(ada, ben, state, minutes):
    now = TOMORROW - timedelta(minutes=minutes)
    for at, person in enumerate([ada, ben]):
        booking = row(ada, ben, state, starts_at=TOMORROW + at * HOUR)
        try:
            preview = preview_cancellation(booking, by=person, now=now + at * HOUR)
        except (SessionBegunError, ForbiddenError) as refusal:
            with pytest.raises(type(refusal)):
                cancel_booking(booking.pk, by=person, now=now + at * HOUR)
            continue
        cancelled = cancel_booking(booking.pk, by=person, now=now + at * HOUR)
        assert (cancelled.rule, cancelled.refund_percent) == preview
        assert preview == outcome(cancelled.booking)
