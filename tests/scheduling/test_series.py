"""Several times of one coach in one try: each is checked, and while they are held they are one hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.audit import trail
from core.errors import DomainError, IllegalTransitionError, NotFoundError
from scheduling.domain.cancelling import cancel_booking
from scheduling.domain.completing import expire_due
from scheduling.domain.confirming import confirm_booking
from scheduling.domain.holds import HoldExpiredError, expire_hold, extend_hold, guard, unguard
from scheduling.domain.series import AskedSeries, failures, hold_series
from scheduling.domain.together import lock_each, lock_together
from scheduling.domain.tries import OwnCoachError, SlotUnavailableError, TooManyHoldsError
from scheduling.events import HoldWanted
from scheduling.models import Booking
from scheduling.states import BookingState as S
from tests.scheduling.stage import (
    ASKED,
    FREE,
    HOUR,
    NOW,
    PAID,
    TOMORROW,
    hold,
    open_around_the_clock,
    row,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
THREE = [TOMORROW, TOMORROW + DAY, TOMORROW + 2 * DAY]
LAPSED = NOW + timedelta(minutes=10)


@pytest.fixture
def open_coach(ada):
    open_around_the_clock(ada)
    return ada


def series(coach, candidate, starts=THREE, terms=PAID, *, partial=False, now=NOW, check=None):
    asked = AskedSeries(
        coach_id=coach.pk,
        candidate=candidate,
        starts=starts,
        terms=terms,
        timezone="Europe/London",
        partial=partial,
    )
    return hold_series(asked, check=check or (lambda *_: None), now=now)


def starts_of(held):
    return [booking.starts_at for booking in held.bookings]


def states():
    return list(Booking.objects.order_by("starts_at").values_list("state", flat=True))


@pytest.fixture
def held(open_coach, ben):
    return series(open_coach, ben).bookings


def test_all_starts_are_held_as_one_series(open_coach, ben):
    made = series(open_coach, ben, THREE[::-1])
    assert (starts_of(made), made.refused, made.is_new) == (THREE, {}, True)
    assert states() == ["held"] * 3
    assert len({(booking.series, booking.hold_expires_at) for booking in made.bookings}) == 1
    assert [line.action for line in trail(made.bookings[2])] == ["held"]


@pytest.mark.parametrize(("terms", "state"), [(FREE, "confirmed"), (ASKED, "requested")])
def test_what_costs_nothing_begins_as_a_single_one_does(open_coach, ben, terms, state):
    series(open_coach, ben, terms=terms)
    assert states() == [state] * 3


def test_the_same_series_again_is_the_one_that_is_held(open_coach, ben, held):
    again = series(open_coach, ben, THREE[::-1])
    assert (again.bookings, again.is_new, Booking.objects.count()) == (held, False, 3)


@pytest.mark.parametrize(
    "change",
    [{"starts": THREE[:2]}, {"partial": True}, {"terms": FREE}, {"now": LAPSED}],
    ids=["other starts", "another wish", "another offer", "ran out"],
)
def test_another_series_takes_the_place_of_the_one_that_is_held(open_coach, ben, held, change):
    made = series(open_coach, ben, **change)
    assert made.is_new
    over = S.EXPIRED if "now" in change else S.CANCELLED
    assert {Booking.objects.get(pk=old.pk).state for old in held} == {over}


def test_a_single_hold_and_a_series_release_each_other(open_coach, ben):
    single = hold(open_coach, ben).booking
    made = series(open_coach, ben)
    assert Booking.objects.get(pk=single.pk).state == S.CANCELLED
    again = hold(open_coach, ben)
    assert again.is_new
    assert {Booking.objects.get(pk=old.pk).state for old in made.bookings} == {S.CANCELLED}


def test_one_refusal_refuses_all_names_them_and_keeps_the_old_hold(open_coach, ben, cleo):
    row(open_coach, cleo, starts_at=THREE[1])
    old = hold(open_coach, ben, TOMORROW + 5 * HOUR).booking
    odd = THREE[2] + timedelta(minutes=1)
    with pytest.raises(DomainError) as refused:
        series(open_coach, ben, [THREE[0], THREE[1], odd])
    assert (refused.value.code, refused.value.alternatives) == (
        "slot_taken",
        [THREE[1] - 1.5 * HOUR, THREE[1] - HOUR, THREE[1] + HOUR],
    )
    assert [(each["code"], each.get("reason")) for each in refused.value.extra["failed"]] == [
        ("slot_taken", None),
        ("slot_unavailable", "off_grid"),
    ]
    assert (Booking.objects.get(pk=old.pk).state, Booking.objects.filter(candidate=ben).count()) == (
        "held",
        1,
    )


def test_partial_takes_the_others(open_coach, ben, cleo, bo):
    row(open_coach, cleo, starts_at=THREE[1])
    elsewhere = row(bo, ben, S.CONFIRMED, starts_at=THREE[2])
    made = series(open_coach, ben, [*THREE, THREE[0] + HOUR], partial=True)
    assert starts_of(made) == [THREE[0], THREE[0] + HOUR]
    assert [(each["code"], each.get("booking")) for each in failures(made.refused)] == [
        ("slot_taken", None),
        ("candidate_busy", str(elsewhere.pk)),
    ]
    again = series(open_coach, ben, [*THREE, THREE[0] + HOUR], partial=True)
    assert (again.bookings, again.is_new, list(again.refused)) == (made.bookings, False, THREE[1:])


def test_occurrences_count_for_each_other(ada, ben):
    open_around_the_clock(ada, max_per_day=2)
    starts = [TOMORROW + hour * HOUR for hour in range(3)]
    made = series(ada, ben, starts, partial=True)
    assert starts_of(made) == starts[:2]
    assert [refusal.reason for refusal in made.refused.values()] == ["daily_limit"]


def test_occurrences_that_overlap_are_in_each_others_way(open_coach, ben):
    made = series(open_coach, ben, [TOMORROW, TOMORROW + HOUR / 2], partial=True)
    assert (starts_of(made), list(made.refused)) == ([TOMORROW], [TOMORROW + HOUR / 2])


def test_the_seller_may_refuse_an_occurrence_knowing_the_earlier_ones(open_coach, ben):
    def two_at_most(_booking, earlier):
        if len(earlier) == 2:
            raise SlotUnavailableError("quota")

    made = series(open_coach, ben, partial=True, check=two_at_most)
    assert (starts_of(made), states()) == (THREE[:2], ["held"] * 2)
    assert [refusal.reason for refusal in made.refused.values()] == ["quota"]


def test_nobody_books_a_series_with_himself(open_coach):
    with pytest.raises(OwnCoachError):
        series(open_coach, open_coach)


def test_a_series_counts_as_one_of_three_unpaid_orders(open_coach, ben, bo, cleo):
    for other in (bo, cleo):
        open_around_the_clock(other)
        hold(other, ben, TOMORROW + 5 * HOUR + 2 * HOUR * (other is cleo))
    assert len(series(open_coach, ben).bookings) == 3
    assert Booking.objects.filter(state=S.HELD).count() == 5


def test_a_fourth_unpaid_order_is_refused_as_a_whole_also_when_it_is_partial(open_coach, ben, bo, cleo, olu):
    for number, other in enumerate((bo, cleo, olu)):
        open_around_the_clock(other)
        hold(other, ben, TOMORROW + (5 + number) * HOUR)
    with pytest.raises(TooManyHoldsError):
        series(open_coach, ben, partial=True)


@pytest.mark.parametrize("partial", [True, False])
def test_a_lapsed_hold_in_the_way_that_may_be_paid_is_wanted(open_coach, ben, cleo, announced, partial):
    rival = row(open_coach, cleo, starts_at=THREE[1], guarded=True, hold_expires_at=NOW)
    announced()
    if partial:
        series(open_coach, ben, partial=True)
    else:
        with pytest.raises(DomainError, match="faster"):
            series(open_coach, ben)
    assert HoldWanted in announced()
    assert Booking.objects.get(pk=rival.pk).wanted_at == NOW


def test_all_of_a_held_series_is_extended_once(ben, cleo, held):
    for booking in (held[1], held[0]):
        extend_hold(booking.pk, by=ben, now=NOW)
    assert set(Booking.objects.values_list("hold_expires_at", flat=True)) == {NOW + timedelta(minutes=15)}
    assert [line.action for line in trail(held[2])] == ["held", "extended"]
    with pytest.raises(NotFoundError):
        extend_hold(held[0].pk, by=cleo, now=NOW)


def test_all_of_a_held_series_is_guarded_and_expires_as_one(held):
    guard(held[2].pk, now=NOW)
    assert set(Booking.objects.values_list("guarded", flat=True)) == {True}
    assert (expire_hold(held[0].pk, now=LAPSED).state, states()) == (S.HELD, ["held"] * 3)
    unguard(held[1].pk, now=LAPSED)
    assert (expire_hold(held[0].pk, now=LAPSED).state, states()) == (S.EXPIRED, ["expired"] * 3)
    with pytest.raises(HoldExpiredError):
        guard(held[1].pk, now=LAPSED)


def test_the_job_expires_a_series_once(held):
    assert (expire_due(LAPSED), states()) == (3, ["expired"] * 3)
    assert [line.action for line in trail(held[1])] == ["held", "expired"]


def test_giving_one_back_gives_all_back_while_they_are_held(ben, held):
    cancel_booking(held[1].pk, by=ben, now=NOW)
    assert states() == ["cancelled"] * 3
    assert cancel_booking(held[0].pk, by=ben, now=NOW).booking.state == S.CANCELLED


def test_what_is_confirmed_is_cancelled_by_itself(ben, held):
    for booking in held:
        confirm_booking(booking.pk, now=NOW)
    cancel_booking(held[1].pk, by=ben, now=NOW)
    assert states() == ["confirmed", "cancelled", "confirmed"]
    with pytest.raises(IllegalTransitionError):
        extend_hold(held[0].pk, by=ben, now=NOW)


def test_locked_together_is_what_is_held_together(open_coach, ben, cleo, held):
    stranger = row(open_coach, cleo, starts_at=TOMORROW + 5 * HOUR)
    assert lock_together(stranger.pk) == [stranger]
    first, *others = lock_together(held[1].pk)
    assert (first, {each.pk for each in others}) == (held[1], {held[0].pk, held[2].pk})
    confirm_booking(held[0].pk, now=NOW)
    assert lock_together(held[0].pk) == [held[0]]
    assert lock_together(held[2].pk) == [held[2], held[1]]
    assert lock_each([held[2].pk, held[0].pk]) == [held[0], held[2]]
    with pytest.raises(NotFoundError):
        lock_together(held[0].series)


def test_a_series_that_fell_apart_is_not_the_same_any_more(open_coach, ben):
    made = series(open_coach, ben, terms=FREE)
    cancel_booking(made.bookings[1].pk, by=ben, now=NOW)
    with pytest.raises(DomainError) as refused:
        series(open_coach, ben, terms=FREE)
    assert [each["starts_at"] for each in refused.value.extra["failed"]] == [
        f"{THREE[0]:%Y-%m-%dT%H:%M:%SZ}",
        f"{THREE[2]:%Y-%m-%dT%H:%M:%SZ}",
    ]


QUARTERS = st.lists(st.integers(0, 60), min_size=1, max_size=8, unique=True)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(asked=QUARTERS, taken=QUARTERS, limit=st.one_of(st.none(), st.integers(1, 3)))
def test_partial_is_what_single_tries_one_after_the_other_would_get(bo, ben, cleo, asked, taken, limit):
    """A slow reference: half hours as numbers, an hour takes two, a day has so many sessions at most."""
    at = {half: TOMORROW + half * HOUR / 2 for half in {*asked, *taken}}
    there = []

    def take(half, most):
        fits = all(abs(half - other) > 1 for other in there)
        on_day = [other for other in there if at[other].date() == at[half].date()]
        if fits and (most is None or len(on_day) < most):
            there.append(half)
            return True
        return False

    with transaction.atomic():
        open_around_the_clock(bo, max_per_day=limit)
        for half in sorted(taken):
            if take(half, None):
                row(bo, cleo, S.CONFIRMED, starts_at=at[half])
        expected = [at[half] for half in sorted(asked) if take(half, limit)]
        try:
            made = series(bo, ben, [at[half] for half in asked], partial=True)
            assert (starts_of(made), len(made.refused)) == (expected, len(asked) - len(expected))
        except DomainError:
            assert expected == []
        transaction.set_rollback(True)
