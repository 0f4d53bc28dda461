"""Journeys: Ben books Ada over HTTP, the SDK talks to the emulator, webhooks come back, time passes."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.domain.second_factor import enrol
from accounts.domain.tokens import issue_token
from core import clock
from core.instants import instant_json
from payouts.models import Difference, Payee
from tests.marketplace.cast import AROUND_THE_CLOCK, coach, offer, person


class Person:
    """Somebody in front of the API."""

    def __init__(self, user) -> None:
        self.user = user
        self.client = APIClient()
        self.client.force_login(user)

    def get(self, path, **asked):
        answer = self.client.get(f"/api/v1/{path}", asked)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def post(self, path, body=None, *, status=200, **headers):
        answer = self.client.post(f"/api/v1/{path}", body or {}, format="json", headers=headers)
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer.json()

    def send(self, method, path, body, *, status=200):
        answer = getattr(self.client, method)(f"/api/v1/{path}", body, format="json")
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer.json()

    def book(self, what, starts_at, *, status=201, **more):
        wish = {"offer": str(what.pk), "starts_at": instant_json(starts_at), "timezone": "Europe/Berlin"}
        return self.post("bookings/", {**wish, **more}, status=status)

    def booking(self, booking):
        return self.get(f"bookings/{booking['id']}/")

    def cancel(self, booking, **more):
        return self.post(f"bookings/{booking['id']}/cancel/", more)


@pytest.fixture
def ada(stripe, now):
    """A coach who can be paid: her account at Stripe is complete."""
    seller = coach(person("Ada Okafor"), **AROUND_THE_CLOCK, now=now)
    ada = Person(seller.user)
    ada.coach = seller
    ada.post("me/payee/onboarding/")
    stripe.onboard(Payee.objects.get(user=seller.user).account)
    stripe.work()
    assert ada.get("me/payee/")["transfers"] == "active"
    return ada


@pytest.fixture
def hour(ada, now):
    """An hour for $120."""
    return offer(ada.coach, price=12_000, now=now)


@pytest.fixture
def speaks():
    """``speaks(user)``: that user in front of the API."""
    return Person


@pytest.fixture
def ben(db):
    return Person(person("Ben Adler", timezone="Europe/Berlin"))


@pytest.fixture
def cleo(db):
    return Person(person("Cleo Moreau"))


@pytest.fixture
def olu(db):
    """Operations, by a token: as signed in with a second factor."""
    operator = person("Olu Adeyemi", is_staff=True)
    enrol(operator, "NORTHSTARTESTSNORTHSTARTESTSABCD")
    olu = Person(operator)
    olu.client.logout()
    olu.client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(operator, now=clock.now())}")
    return olu


@pytest.fixture
def asked_hour(ada, now):
    """An hour for $120 that Ada has to say yes to."""
    return offer(ada.coach, price=12_000, needs_approval=True, name="Deep dive", now=now)


@pytest.fixture
def at(now):
    """``at(days=3)``: that long after now."""

    def instant(**after) -> datetime:
        return now + timedelta(**after)

    return instant


@pytest.fixture
def confirmed(stripe, ben, hour, at):
    """Ben's paid session with Ada in ``ahead``; $120, confirmed by the webhook."""

    def make(**ahead):
        booking = ben.book(hour, at(**(ahead or {"days": 3})))
        stripe.pay(booking["checkout_session"])
        stripe.work()
        assert ben.booking(booking)["state"] == "confirmed"
        return booking

    return make


@pytest.fixture
def books_are_right(stripe):
    """All money invariants hold, and nothing differs from Stripe; asked at the end of every journey."""

    def check():
        stripe.work()
        assert [str(difference) for difference in Difference.objects.open()] == []
        said = StringIO()
        call_command("check_ledger", stdout=said)
        return said.getvalue()

    return check
