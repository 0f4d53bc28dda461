"""An offered time is taken by a yes, whatever it costs, and who has a time waits no longer."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.domain.booking import Wish, book, payment_page
from marketplace.domain.waitlist import leave_when_served
from marketplace.models import Session, WaitlistEntry, WaitlistTurn
from payments.domain.balances import compensate
from payments.states import OrderState
from scheduling.domain.holds import HoldExpiredError
from scheduling.states import BookingState as S
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer, person
from tests.marketplace.waiting import HALF_HOUR, booked, deliver, give_up, held, let_run_out, wait

pytestmark = pytest.mark.django_db


@pytest.fixture
def free_hour(ada):
    return offer(ada, price=0, name="Chat")


@pytest.fixture
def people(db):
    return [person(f"{name} Waiting") for name in ("Dan", "Eve")]


def test_what_costs_nothing_waits_for_a_yes_all_the_same(ada, free_hour, ben, people):
    dan = people[0]
    wait(free_hour, dan)
    give_up(booked(free_hour, ben))
    assert held() == [("Dan", TOMORROW, NOW + HALF_HOUR)]
    session = book(Wish(free_hour.pk, TOMORROW, "UTC", {}), candidate=dan, now=NOW).session
    assert payment_page(session, now=NOW + timedelta(minutes=29)) is None
    session.refresh_from_db()
    assert (session.booking.state, session.order.state) == (S.CONFIRMED, OrderState.PAID)


def test_a_yes_that_comes_too_late_is_refused(free_hour, ben, people):
    wait(free_hour, people[0])
    give_up(booked(free_hour, ben))
    session = Session.objects.with_people().get(booking__state=S.HELD)
    with pytest.raises(HoldExpiredError):
        payment_page(session, now=NOW + HALF_HOUR)


def test_a_balance_is_kept_for_who_says_yes_and_comes_back_when_he_does_not(hour, ben, people):
    dan = people[0]
    compensate(dan, 12_000, currency="usd", source="a test", now=NOW)
    wait(hour, dan)
    give_up(booked(hour, ben))
    session = Session.objects.select_related("booking", "order").get(booking__from_waitlist=True)
    assert (session.booking.state, session.order.balance, session.order.card) == (S.HELD, 12_000, 0)
    let_run_out(NOW + HALF_HOUR)
    session.refresh_from_db()
    assert (session.booking.state, session.order.state, session.order.balance) == (
        S.EXPIRED,
        OrderState.CLOSED,
        0,
    )


def test_who_says_yes_waits_no_longer(free_hour, ben, people):
    dan, eve, *_ = people
    wait(free_hour, dan, eve)
    give_up(booked(free_hour, ben))
    payment_page(Session.objects.with_people().get(booking__state=S.HELD), now=NOW)
    deliver()
    waiting = WaitlistEntry.objects.waiting(NOW).values_list("candidate__name", flat=True)
    assert list(waiting) == ["Eve Waiting"]


def test_who_finds_a_time_himself_waits_no_longer_where_it_would_do(free_hour, people):
    dan, eve, *_ = people
    wait(free_hour, dan)
    wait(free_hour, eve, from_at=TOMORROW + HOUR)
    booked(free_hour, dan, TOMORROW + 2 * HOUR)
    booked(free_hour, eve)
    deliver()
    waiting = WaitlistEntry.objects.waiting(NOW).values_list("candidate__name", flat=True)
    assert list(waiting) == ["Eve Waiting"]


def test_a_booking_that_nobody_sold_is_no_concern_of_the_list(hour, people):
    wait(hour, people[0])
    leave_when_served(uuid4(), now=NOW)
    assert WaitlistEntry.objects.waiting(NOW).count() == 1


def test_rows_name_themselves(hour, ben, people):
    wait(hour, people[0])
    give_up(booked(hour, ben))
    entry, turn = WaitlistEntry.objects.get(), WaitlistTurn.objects.get()
    assert (str(entry), str(turn)) == (
        f"{people[0].pk} waits for 60 minutes",
        "2026-11-03 10:00:00+00:00",
    )
