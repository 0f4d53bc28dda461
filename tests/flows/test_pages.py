"""The booking flow in a browser without JavaScript: forms, redirects, and Stripe's page in between."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from core.instants import instant_json
from marketplace.models import Session
from payments.domain.balances import compensate
from tests.marketplace.cast import AROUND_THE_CLOCK, coach, offer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(ben):
    client = Client()
    client.force_login(ben.user)
    return client


@pytest.fixture
def held(stripe, browser, hour, at):
    """Ben chose a time on Ada's page: it is held, and he is asked what she should know."""
    answer = browser.post(
        "/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": instant_json(at(days=3))}
    )
    session = Session.objects.get()
    assert answer["Location"] == f"/sessions/{session.pk}/prepare/"
    return session


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def test_from_the_hold_to_the_confirmation(stripe, browser, held):
    page = shown(browser.get(f"/sessions/{held.pk}/prepare/"))
    assert "What should Ada know?" in page
    assert 'until="2026-11-24T12:10:00Z"' in page
    assert "$120.00" in page

    answer = browser.post(f"/sessions/{held.pk}/prepare/", {"target_company": "Google", "focus": "Structure"})
    assert answer["Location"] == f"/sessions/{held.pk}/pay/"
    assert "Pay $120.00" in shown(browser.get(answer["Location"]))

    stripes = browser.post(f"/sessions/{held.pk}/pay/")["Location"]
    checkout = held.order.checkouts.get()
    assert stripes == checkout.url
    stripe.pay(checkout)

    # Stripe sends Ben back before any webhook: the page asks Stripe and finds the payment itself.
    page = shown(browser.get(f"/sessions/{held.pk}/paid/", {"checkout": checkout.stripe_id}))
    assert "Friday 27 November at 13:00 with Ada Okafor" in page
    assert "Europe/Berlin (UTC+1)" in page
    assert "invite.ics" in page
    held.refresh_from_db()
    held.booking.refresh_from_db()
    assert (held.target_company, held.booking.state) == ("Google", "confirmed")
    stripe.work()
    assert browser.get(f"/sessions/{held.pk}/prepare/")["Location"] == f"/sessions/{held.pk}/"
    assert browser.post(f"/sessions/{held.pk}/pay/")["Location"] == f"/sessions/{held.pk}/"


def test_the_success_page_marks_nothing_by_itself(stripe, browser, held):
    browser.post(f"/sessions/{held.pk}/pay/")
    checkout = held.order.checkouts.get()
    page = shown(browser.get(f"/sessions/{held.pk}/paid/", {"checkout": checkout.stripe_id}))
    assert "No payment has arrived yet" in page
    page = shown(browser.get(f"/sessions/{held.pk}/paid/", {"checkout": "cs_of_somebody_else"}))
    assert "No payment has arrived yet" in page
    held.booking.refresh_from_db()
    assert held.booking.state == "held"


@pytest.mark.parametrize("page", ["cs_test_of_somebody_else", "odd\x00bytes"])
def test_the_success_page_of_another_payment_is_of_a_hold_that_waits(stripe, browser, held, page):
    shown(browser.get(f"/sessions/{held.pk}/paid/", {"checkout": page}))
    assert held.booking.state == "held"


def test_inside_two_hours_there_is_no_time_to_prepare_and_still_to_pay(stripe, browser, hour, now):
    start = {"offer": hour.slug, "starts_at": instant_json(now + timedelta(hours=1))}
    browser.post("/coaching/ada-okafor/hold/", start)
    session = Session.objects.get()
    for ask in (browser.get, browser.post):
        assert ask(f"/sessions/{session.pk}/prepare/", {"focus": "All."})["Location"] == (
            f"/sessions/{session.pk}/pay/"
        )
    assert "Pay $120.00" in shown(browser.get(f"/sessions/{session.pk}/pay/"))


def test_what_is_written_wrongly_is_named_and_the_rest_is_kept(browser, held):
    answer = browser.post(f"/sessions/{held.pk}/prepare/", {"target_company": "G" * 81, "focus": "Structure"})
    page = shown(answer, status=400)
    assert "at most 80 characters" in page
    assert "Structure" in page


def test_the_hold_is_extended_and_released(stripe, browser, held, at):
    browser.post(f"/sessions/{held.pk}/extend/")
    held.booking.refresh_from_db()
    assert held.booking.hold_expires_at == at(minutes=15)
    answer = browser.post(f"/sessions/{held.pk}/release/")
    assert answer["Location"].startswith("/coaching/ada-okafor/?offer=")
    held.booking.refresh_from_db()
    assert held.booking.state == "cancelled"


def test_an_expired_hold_offers_the_nearest_times_and_keeps_what_was_written(stripe, browser, hour, held, at):
    browser.post(f"/sessions/{held.pk}/prepare/", {"target_company": "Google"})
    stripe.set_clock(at(minutes=10))
    page = shown(browser.get(f"/sessions/{held.pk}/pay/"), status=410)
    assert "The hold has ended" in page
    assert "Friday 27 November, 13:00, Europe/Berlin" in page
    assert "The hold has ended" in shown(browser.post(f"/sessions/{held.pk}/pay/"), status=410)
    stripe.work()
    assert "The hold has ended" in shown(browser.get(f"/sessions/{held.pk}/prepare/"), status=410)
    browser.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": instant_json(at(days=4))})
    again = Session.objects.exclude(pk=held.pk).get()
    assert again.target_company == "Google"


def test_stripe_away_keeps_the_hold_and_says_so(stripe, browser, held):
    stripe.fault("reset", "POST /v1/checkout/sessions", times=99)
    page = shown(browser.post(f"/sessions/{held.pk}/pay/"), status=503)
    assert "The payment page did not open. Nothing was charged" in page
    stripe.lift_faults()
    assert browser.post(f"/sessions/{held.pk}/pay/").status_code == 302


def test_answers_are_changed_until_two_hours_before(stripe, browser, confirmed, at):
    booking = confirmed(days=3)
    path = f"/sessions/{booking['id']}/answers/"
    assert browser.post(path, {"focus": "Metrics"})["Location"] == f"/sessions/{booking['id']}/"
    assert Session.objects.get().focus == "Metrics"
    stripe.set_clock(at(days=2, hours=22))
    assert browser.post(path, {"focus": "Too late"})["Location"] == f"/sessions/{booking['id']}/"
    assert Session.objects.get().focus == "Metrics"


def test_a_hold_that_was_given_up_is_told_so_on_every_page(stripe, browser, held):
    browser.post(f"/sessions/{held.pk}/release/")
    for page in ("prepare", "pay", "paid"):
        assert "You gave this time back" in shown(browser.get(f"/sessions/{held.pk}/{page}/"), status=410)
    again = browser.post(f"/sessions/{held.pk}/release/")
    assert again["Location"].startswith("/coaching/ada-okafor/?offer=")
    assert "cannot become" in shown(browser.post(f"/sessions/{held.pk}/extend/", follow=True), status=410)


def test_a_hold_that_ran_out_is_not_extended(stripe, browser, held, at):
    stripe.set_clock(at(minutes=10))
    answer = browser.post(f"/sessions/{held.pk}/extend/", follow=True)
    assert "The hold has ended" in shown(answer, status=410)


def test_a_payment_that_could_not_be_kept_says_that_it_goes_back(stripe, browser, held):
    browser.post(f"/sessions/{held.pk}/pay/")
    stripe.pay(held.order.checkouts.get())
    browser.post(f"/sessions/{held.pk}/release/")
    stripe.work()
    page = shown(browser.get(f"/sessions/{held.pk}/paid/"), status=410)
    assert "All of it goes back to you." in page
    assert "$120.00" in page


def test_a_request_says_until_when_it_is_answered(stripe, browser, asked_hour, at):
    wish = {"offer": asked_hour.slug, "starts_at": instant_json(at(days=3))}
    browser.post("/coaching/ada-okafor/hold/", wish)
    session = Session.objects.get()
    browser.post(f"/sessions/{session.pk}/pay/")
    checkout = session.order.checkouts.get()
    stripe.pay(checkout)
    page = shown(browser.get(f"/sessions/{session.pk}/paid/", {"checkout": checkout.stripe_id}))
    assert "Ada has until Thu 13:00 to say yes" in page


def test_a_balance_is_shown_as_part_of_the_price(stripe, browser, ben, hour, at, now):
    compensate(ben.user, 1000, currency="usd", source="test", now=now)
    browser.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": instant_json(at(days=3))})
    page = shown(browser.get(f"/sessions/{Session.objects.get().pk}/pay/"))
    assert "From your balance" in page
    assert "Pay $110.00" in page


def test_a_session_that_took_place_leads_to_its_page(stripe, browser, confirmed, at):
    booking = confirmed(days=3)
    stripe.work(at(days=4))
    assert browser.get(f"/sessions/{booking['id']}/paid/")["Location"] == f"/sessions/{booking['id']}/"


def test_a_coach_has_other_pages_than_the_candidates(stripe, ada, held):
    client = Client()
    client.force_login(ada.user)
    assert client.get(f"/sessions/{held.pk}/pay/").status_code == 404


def test_who_is_busy_is_shown_what_with(stripe, browser, ben, hour, at, now):
    other = offer(coach(person("Bo Chen"), **AROUND_THE_CLOCK, now=now), now=now)
    ben.book(other, at(days=3))
    answer = browser.post(
        "/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": instant_json(at(days=3))}
    )
    page = shown(answer, status=409)
    assert "You already have a session at that time." in page
    assert f'href="/sessions/{Session.objects.get().pk}/"' in page
