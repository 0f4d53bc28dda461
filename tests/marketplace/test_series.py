"""What the seller asks of a series: quotas that count its own sessions, and a payment that is possible."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import DomainError, InvalidError
from marketplace.domain.series import SeriesWish, book_series
from marketplace.models import Session
from marketplace.queries.series import place_in_series, series_of
from payments.models import Order
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
THREE = [TOMORROW + DAY * day for day in range(3)]


@pytest.fixture
def ben():
    return person("Ben Adler")


def book(what, candidate, starts=THREE, *, partial=True, **more):
    wish = SeriesWish(what.pk, starts, "UTC", partial=partial, answers=more.pop("answers", {}), **more)
    return book_series(wish, candidate=candidate, now=NOW)


def reasons(booked):
    return [refusal.reason for refusal in booked.refused.values()]


def test_a_mentor_gives_two_sessions_to_one_person_also_when_three_are_asked_for_at_once(ben):
    chat = offer(coach(person("Mia Lindqvist"), kind="mentor"), price=0)
    booked = book(chat, ben)
    assert ([each.booking.starts_at for each in booked.sessions], reasons(booked)) == (
        THREE[:2],
        ["candidate_limit"],
    )
    with pytest.raises(DomainError) as refused:
        book(chat, person("Cleo Moreau"), [start + HOUR for start in THREE], partial=False)
    assert (refused.value.extra["reason"], Session.objects.count()) == ("candidate_limit", 2)


def test_a_mentors_month_counts_the_series_itself_and_another_month_does_not(ben):
    mentor = coach(person("Mia Lindqvist"), kind="mentor", monthly_quota=1)
    next_month = TOMORROW + 28 * DAY
    booked = book(offer(mentor, price=0), ben, [TOMORROW, TOMORROW + DAY, next_month])
    assert [each.booking.starts_at for each in booked.sessions] == [TOMORROW, next_month]
    assert reasons(booked) == ["quota"]


def test_a_second_intro_call_of_a_series_is_refused(ben):
    intro = offer(coach(person("Ada Okafor")), price=0, minutes=15, kind="intro")
    booked = book(intro, ben)
    assert (len(booked.sessions), reasons(booked)) == (1, ["intro_used", "intro_used"])


def test_what_together_costs_more_than_one_payment_may_is_refused(ben):
    dear = offer(coach(person("Ada Okafor")), price=50_000_000)
    with pytest.raises(InvalidError) as refused:
        book(dear, ben)
    assert list(refused.value.extra["fields"]) == ["starts"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("starts", [[], [TOMORROW] * 2, [TOMORROW + HOUR * hour for hour in range(27)]])
def test_a_series_has_from_one_to_so_many_times_each_once(ben, starts):
    with pytest.raises(InvalidError):
        book(offer(coach(person("Ada Okafor"))), ben, starts)


def test_an_offer_that_is_not_there_or_not_sold_is_refused(ben):
    hour = offer(coach(person("Ada Okafor")), active=False)
    with pytest.raises(DomainError) as refused:
        book(hour, ben)
    assert refused.value.extra["reason"] == "inactive"
    hour.pk = 999_999
    with pytest.raises(InvalidError):
        book(hour, ben)


def test_answers_and_the_coachs_link_are_those_of_every_session(ben):
    ada = coach(person("Ada Okafor"), private_code="ada-link")
    booked = book(offer(ada), ben, answers={"focus": "Metrics"}, private_code="ada-link")
    assert {(each.focus, each.private_link, each.answered_at) for each in booked.sessions} == {
        ("Metrics", True, NOW)
    }
    assert set(booked.sessions[0].order.lines.values_list("rate_bp", flat=True)) == {500}


def test_a_session_knows_its_place_and_a_single_one_has_none(ben):
    hour = offer(coach(person("Ada Okafor")))
    booked = book(hour, ben)
    middle = booked.sessions[1]
    place = place_in_series(middle)
    assert (place.id, place.number, place.of) == (middle.order_id, 2, 3)
    assert series_of(middle) == booked.sessions
    single = book(hour, person("Cleo Moreau"), [TOMORROW + 3 * HOUR]).sessions[0]
    assert (place_in_series(single), series_of(single)) == (None, [])


def test_the_same_again_tells_why_the_others_are_missing_now(ben):
    hour = offer(coach(person("Ada Okafor")))
    at_night = TOMORROW.replace(hour=3)
    first = book(hour, ben, [*THREE, at_night])
    again = book(hour, ben, [*THREE, at_night])
    assert (again.is_new, again.sessions) == (False, first.sessions)
    assert [reasons(each) for each in (first, again)] == [["outside_hours"]] * 2
