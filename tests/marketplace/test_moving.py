"""What the seller has to say about another time: the offer on sale, the month, the steps of the policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidError
from marketplace.domain.booking import Wish, book
from marketplace.domain.moving import accept_move, reschedule
from marketplace.models import Coach, Offer
from marketplace.queries.session_page import policy_steps
from marketplace.states import CoachState
from scheduling.domain.moving import refuse_move
from scheduling.domain.tries import SlotUnavailableError
from scheduling.models import Booking
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LATER = TOMORROW + DAY
DECEMBER = datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.fixture
def chat(mia):
    """Half an hour of Mia's, free."""
    return offer(mia, price=0, minutes=30)


@pytest.fixture
def session(chat, ben):
    return booked(chat, ben, TOMORROW)


def booked(chat, person, starts_at):
    return book(Wish(chat.pk, starts_at, "UTC", {}), candidate=person, now=NOW).session


def start_of(session):
    return Booking.objects.values_list("starts_at", flat=True).get(pk=session.pk)


def refusal(session, starts_at, by, verb=reschedule):
    with pytest.raises(SlotUnavailableError) as refused:
        verb(session.pk, starts_at, by=by, now=NOW)
    assert start_of(session) == TOMORROW
    return refused.value.reason


def test_a_free_session_moves_without_any_share(session, ben):
    reschedule(session.pk, LATER, by=ben, now=NOW)
    assert start_of(session) == LATER


@pytest.mark.parametrize("side", ["ben", "mia"])
def test_what_is_not_sold_any_more_is_not_moved_to(session, chat, mia, ben, side):
    person = {"ben": ben, "mia": mia.user}[side]
    Offer.objects.filter(pk=chat.pk).update(active=False)
    assert refusal(session, LATER, person) == "inactive"
    Offer.objects.filter(pk=chat.pk).update(active=True)
    Coach.objects.filter(pk=mia.pk).update(state=CoachState.SUSPENDED)
    assert refusal(session, LATER, person) == "inactive"
    assert not session.booking.proposals.exists()


def test_asking_again_for_a_move_that_was_made_is_no_new_sale(session, chat, ben):
    reschedule(session.pk, LATER, by=ben, now=NOW)
    Offer.objects.filter(pk=chat.pk).update(active=False)
    reschedule(session.pk, LATER, by=ben, now=NOW)
    assert start_of(session) == LATER


def test_a_mentors_session_is_not_moved_into_another_month_that_is_full(session, chat, mia, ben, cleo):
    Coach.objects.filter(pk=mia.pk).update(monthly_quota=1)
    booked(chat, cleo, DECEMBER)
    for person in (ben, mia.user):
        assert refusal(session, DECEMBER + HOUR, person) == "quota"


def test_a_yes_to_a_month_that_filled_up_meanwhile_comes_too_late(session, chat, mia, ben, cleo):
    Coach.objects.filter(pk=mia.pk).update(monthly_quota=1)
    reschedule(session.pk, DECEMBER + HOUR, by=mia.user, now=NOW)
    booked(chat, cleo, DECEMBER)
    with pytest.raises(SlotUnavailableError):
        accept_move(session.pk, by=ben, now=NOW)
    assert start_of(session) == TOMORROW


def test_within_a_month_it_moves_however_full_that_is(session, chat, mia, ben, cleo):
    booked(chat, cleo, LATER + DAY)
    Coach.objects.filter(pk=mia.pk).update(monthly_quota=1)
    reschedule(session.pk, LATER, by=ben, now=NOW)
    assert start_of(session) == LATER


def test_a_mentors_call_counts_for_no_month(mia, ben, cleo, chat):
    Coach.objects.filter(pk=mia.pk).update(monthly_quota=1)
    booked(chat, cleo, LATER)
    call = booked(offer(mia, price=0, minutes=15, kind="intro", name="Call"), ben, TOMORROW)
    reschedule(call.pk, LATER + HOUR, by=ben, now=NOW)
    assert start_of(call) == LATER + HOUR


def test_a_session_keeps_the_length_it_was_booked_with(session, chat, ben):
    Offer.objects.filter(pk=chat.pk).update(duration_minutes=90)
    reschedule(session.pk, LATER, by=ben, now=NOW)
    session.booking.refresh_from_db()
    assert session.booking.ends_at - session.booking.starts_at == timedelta(minutes=30)


def test_a_coach_does_not_ask_for_the_time_it_has(session, mia):
    with pytest.raises(InvalidError):
        reschedule(session.pk, TOMORROW, by=mia.user, now=NOW)


def steps_of(session):
    booking = Booking.objects.select_related("policy").get(pk=session.pk)
    return [(step.percent, step.until) for step in policy_steps(booking, None)]


def test_the_steps_that_are_shown_are_the_policy(session):
    assert steps_of(session) == [(100, TOMORROW - 24 * HOUR), (50, TOMORROW - 2 * HOUR), (0, None)]


def test_after_a_late_move_the_steps_begin_at_half(session, ben):
    reschedule(session.pk, LATER, by=ben, now=TOMORROW - 3 * HOUR)
    assert steps_of(session) == [(50, LATER - 2 * HOUR), (0, None)]


def test_after_a_no_the_steps_are_all_or_nothing(session, mia, ben):
    reschedule(session.pk, LATER, by=mia.user, now=NOW)
    refuse_move(session.pk, by=ben, now=NOW)
    assert steps_of(session) == [(100, TOMORROW - 2 * HOUR), (0, None)]
