"""The booking flow in a browser without JavaScript: forms, redirects, and Stripe's page in between."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from core.instants import instant_json
from marketplace.models import Session

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
