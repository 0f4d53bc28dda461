"""The desk of operations: Olu, a session that went wrong, and doors with and without a second factor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.people import create_verified_user
from accounts.domain.second_factor import current_code, enrol
from accounts.domain.tokens import issue_token
from core import clock
from marketplace.domain import attendance
from marketplace.domain.booking import Wish, book
from scheduling.domain.attendance import say_here
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person

MINUTE = timedelta(minutes=1)
REPORTED = TOMORROW + 20 * MINUTE
SECRET = "NORTHSTARTESTSNORTHSTARTESTSABCD"


@pytest.fixture(autouse=True)
def _when_it_was_reported(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"
    with clock.frozen_at(REPORTED):
        yield


@pytest.fixture
def mia(db):
    return coach(person("Mia Lindqvist"), kind="mentor")


@pytest.fixture
def ben(db):
    return person("Ben Adler")


@pytest.fixture
def cleo(db):
    return person("Cleo Moreau")


@pytest.fixture
def olu(db):
    """Operations, with a second factor."""
    olu = create_verified_user("olu@demo.test", password="demo-password", name="Olu Adeyemi")
    olu.is_staff = True
    olu.save()
    enrol(olu, SECRET)
    return olu


@pytest.fixture
def session(mia, ben):
    """Both came, and Ben says that Mia did not."""
    return reported(mia, ben)


def reported(mentor, candidate, starts_at=TOMORROW, *, both=True):
    chat = mentor.offers.first() or offer(mentor, price=0)
    session = book(Wish(chat.pk, starts_at, "UTC", {}), candidate=candidate, now=NOW).session
    for side in (candidate, mentor.user) if both else (candidate,):
        say_here(session.pk, by=side, now=starts_at)
    attendance.report_no_show(session.pk, by=candidate, comment="Silence.", now=starts_at + 20 * MINUTE)
    return session


def later(hours):
    return REPORTED + hours * HOUR


@pytest.fixture
def token():
    """``token(olu)`` speaks by an API token, as programs do."""

    def client(user):
        speaker = APIClient()
        speaker.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user, now=NOW)}")
        return speaker

    return client


@pytest.fixture
def signed_in():
    """``signed_in(olu)`` went through the pages: password, then the code where one is asked for."""

    def browser(user, *, code=True):
        client = Client()
        client.post("/accounts/login/", {"login": user.email, "password": "demo-password"})
        if code:
            client.post("/accounts/2fa/authenticate/", {"code": current_code(user)})
        return client

    return browser
