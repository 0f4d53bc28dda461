"""A series and others at the same moment: real threads against real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.domain.cancelling import cancel
from marketplace.domain.closing import let_go
from marketplace.domain.fulfilment import fulfil_order
from marketplace.domain.series import SeriesWish, book_series
from marketplace.models import Session
from payments.domain.balances import compensate
from payments.domain.orders import settle_without_card
from payments.models import Order, Refund
from payouts.queries.invariants import check
from scheduling.domain.holds import extend_hold, guard
from scheduling.models import Booking
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person
from tests.marketplace.test_races import all_at_once, booking

pytestmark = [pytest.mark.backend, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
THREE = [TOMORROW + DAY * day for day in range(3)]


def series(what, candidate, starts, *, partial=False):
    wish = SeriesWish(what.pk, starts, "UTC", partial=partial, answers={})
    return lambda: len(book_series(wish, candidate=candidate, now=NOW).sessions)


@pytest.fixture
def hour(db):
    return offer(coach(person("Ada Okafor")))


@pytest.fixture
def people(hour):
    return [person(f"{name} Candidate") for name in ("Ben", "Cleo", "Dan", "Eve")]


def held_starts():
    rows = Booking.objects.filter(state="held").order_by("starts_at")
    return list(rows.values_list("starts_at", flat=True))


def test_of_many_series_that_cross_one_wins_and_nobody_deadlocks(hour, people):
    crossing = [THREE, THREE[::-1], [THREE[1], THREE[1] + HOUR], [THREE[2], THREE[0]]]
    acts = (series(hour, one, starts) for one, starts in zip(people, crossing, strict=True))
    answers = all_at_once(*acts)
    won = [answer for answer in answers if answer != "slot_taken"]
    assert 1 <= len(won) <= 2
    assert sum(won) == Session.objects.count() == len(set(held_starts()))
    assert Order.objects.count() == len(won)


def test_a_series_and_a_single_try_for_one_of_its_times(hour, people):
    ben, cleo, *_ = people
    answers = all_at_once(series(hour, ben, THREE), booking(hour, cleo, THREE[1]))
    assert sorted(map(str, answers)) in (["3", "slot_taken"], ["True", "slot_taken"])
    assert Session.objects.count() in {1, 3}


def test_partial_series_share_what_there_is(hour, people):
    acts = (series(hour, one, THREE[number % 2 :], partial=True) for number, one in enumerate(people))
    answers = all_at_once(*acts)
    assert sum(answer for answer in answers if answer != "slot_taken") == 3
    assert held_starts() == THREE


def test_one_press_twice_is_one_series(hour, people):
    press = series(hour, people[0], THREE)
    assert all_at_once(press, press, press) == [3, 3, 3]
    assert (Session.objects.count(), Order.objects.count()) == (3, 1)


def test_what_is_held_together_is_acted_on_from_all_ends_without_a_deadlock(hour, people):
    ben = people[0]
    series(hour, ben, THREE)()
    one, two, three = Booking.objects.order_by("starts_at").values_list("pk", flat=True)
    late = NOW + timedelta(minutes=30)
    answers = all_at_once(
        lambda: cancel(three, by=ben, now=NOW).rule,
        lambda: extend_hold(one, by=ben, now=NOW).state,
        lambda: guard(two, now=NOW).state,
        lambda: let_go(one, now=late),
        lambda: cancel(one, by=ben, now=NOW).rule,
        lambda: let_go(two, now=late),
    )
    assert len(answers) == 6
    states = set(Booking.objects.values_list("state", flat=True))
    assert len(states) == 1
    assert states <= {"cancelled", "expired"}
    assert Order.objects.get().state == "closed"


@pytest.mark.parametrize("round_", range(3))
def test_paid_and_given_up_at_once_every_session_is_kept_or_paid_back(hour, people, round_):
    ben = people[0]
    compensate(ben, 35_000, currency="usd", source="for a test", now=NOW)
    series(hour, ben, THREE)()
    one, two, three = Booking.objects.order_by("starts_at").values_list("pk", flat=True)
    order = Order.objects.get()
    # As if Ben's balance covered all of it and nobody had taken it yet: no card, no Stripe in between.
    Order.objects.filter(pk=order.pk).update(price=35_000, card=0)
    order.lines.filter(source=f"booking:{one}").update(amount=11_000)

    def pay():
        settle_without_card(order.pk, now=NOW)
        return len(fulfil_order(order.pk, now=NOW))

    all_at_once(pay, lambda: cancel(two, by=ben, now=NOW).rule, lambda: cancel(three, by=ben, now=NOW).rule)
    fulfil_order(order.pk, now=NOW)
    order.refresh_from_db()
    for session in Session.objects.select_related("booking", "line"):
        state, line = session.booking.state, session.line
        assert state in {"confirmed", "cancelled"}
        if order.is_paid:
            assert line.refunded == (line.paid if state == "cancelled" else 0)
        else:
            assert state == "cancelled"
    assert sum(Refund.objects.values_list("amount", flat=True)) == order.refunded
    assert check() == []
