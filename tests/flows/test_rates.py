"""What the platform takes: 20 %, 15 % of the experienced, 5 % by the coach's own link; frozen."""

from __future__ import annotations

import pytest
from django.test import Client

from core.instants import instant_json
from marketplace.models import Session
from tests.flows.money import cents
from tests.marketplace.cast import offer

pytestmark = pytest.mark.django_db


def split_of(person, booking):
    amounts = cents(person.booking(booking)["order"])
    return amounts["coach_share"], amounts["platform_fee"]


def test_an_experienced_coach_keeps_more(stripe, settings, ben, confirmed, at, books_are_right):
    settings.EXPERIENCED_AFTER_SESSIONS = 1
    first = confirmed(days=1)
    assert split_of(ben, first) == (9600, 2400)
    stripe.work(at(days=1, hours=1))
    second = confirmed(days=3)
    assert split_of(ben, second) == (10200, 1800)
    assert split_of(ben, first) == (9600, 2400)
    books_are_right()


def test_the_rate_is_that_of_the_moment_of_confirming(stripe, settings, ben, hour, confirmed, at):
    settings.EXPERIENCED_AFTER_SESSIONS = 1
    confirmed(days=1)
    # Held five minutes before Ada's first session ends, paid a minute after.
    stripe.work(at(days=1, minutes=55))
    held = ben.book(hour, at(days=3))
    stripe.work(at(days=1, hours=1, minutes=1))
    stripe.pay(held["checkout_session"])
    stripe.work()
    assert split_of(ben, held) == (10200, 1800)


def test_who_came_by_the_coachs_own_link_counts_as_hers_for_good(stripe, ben, ada, hour, at, books_are_right):
    browser = Client()
    browser.force_login(ben.user)
    browser.get(f"/with/{ada.coach.private_code}/")
    browser.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": instant_json(at(days=3))})
    session = Session.objects.get()
    browser.post(f"/sessions/{session.pk}/pay/")
    stripe.pay(session.order.checkouts.get())
    stripe.work()
    assert split_of(ben, {"id": session.pk}) == (11400, 600)

    # Booked over the API, without the link: his first paid booking with her was made from it.
    second = ben.book(hour, at(days=4))
    stripe.pay(second["checkout_session"])
    stripe.work()
    assert split_of(ben, second) == (11400, 600)
    books_are_right()


@pytest.mark.parametrize(
    ("price", "share", "fee"),
    [(3333, 2666, 667), (50, 40, 10), (101, 81, 20), (103, 82, 21), (99_999_999, 79_999_999, 20_000_000)],
)
def test_the_fee_is_rounded_half_up_and_the_rest_is_the_coachs(
    stripe, ben, ada, at, now, price, share, fee, books_are_right
):
    what = offer(ada.coach, price=price, minutes=45, name="Odd", now=now)
    booking = ben.book(what, at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    assert split_of(ben, booking) == (share, fee)
    half = ben.cancel(booking, preview=True)
    assert half["kept"]["amount"] == 0
    books_are_right()
