"""Connecting a calendar at Google or Microsoft: consent there, back here, once for each question."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from core import clock
from core.outbox import deliver, due
from integrations.sealing import unseal
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from scheduling.domain.syncing import sync
from scheduling.models import ConnectedCalendar
from tests.integrations.calendars import providers
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture(params=["google", "microsoft"])
def kind(request):
    return request.param


@pytest.fixture
def provider(kind, settings):
    with getattr(providers, kind)(settings) as provider:
        yield provider


@pytest.fixture
def browser(mia):
    client = Client()
    client.force_login(mia.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(browser, kind, provider):
    """The question that the provider is asked, as its page would read it."""
    answer = browser.get(f"/calendars/connect/{kind}/")
    assert answer["Location"].startswith(f"{provider.server.url}/authorize?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}
    provider.challenge = query["code_challenge"]
    return query


def come_back(browser, kind, **said):
    return browser.get(f"/calendars/connect/{kind}/answer/?{urlencode(said)}", follow=True)


def text_of(answer):
    return answer.content.decode()


def test_a_calendar_is_connected_with_consent_and_sessions_are_written(browser, kind, provider, mia, ben):
    page = text_of(browser.get("/desk/calendars/"))
    assert f'href="/calendars/connect/{kind}/"' in page
    query = ask(browser, kind, provider)
    assert query["redirect_uri"].endswith(f"/calendars/connect/{kind}/answer/")
    answer = come_back(browser, kind, state=query["state"], code="good-code")
    assert "is connected and was read." in text_of(answer)
    row = ConnectedCalendar.objects.get()
    assert (row.owner, row.kind, row.writes, unseal(row.secret)) == (mia.user, kind, True, "lasting-1")

    wish = Wish(offer_id=offer(mia, price=0).pk, starts_at=TOMORROW, timezone="UTC", answers={})
    booking = book(wish, candidate=ben, now=NOW).session.booking
    deliver_all()
    assert len(provider.events) == 1
    sync(row.pk, now=NOW + HOUR)
    assert row.busy_times.count() == 0
    cancel(booking.pk, by=ben, now=NOW)
    deliver_all()
    assert provider.events == {}


def deliver_all():
    now = clock.now()
    while ids := due(now):
        assert [deliver(pk, now=now) for pk in ids] == [True] * len(ids)


@pytest.mark.parametrize(
    "said",
    [
        {"state": "forged", "code": "good-code"},
        {"code": "good-code"},
        {"error": "access_denied"},
    ],
)
def test_without_the_state_that_was_sent_or_without_a_yes_nothing_is_connected(browser, kind, provider, said):
    query = ask(browser, kind, provider)
    given = {"state": query["state"], **said} if "error" in said else said
    answer = come_back(browser, kind, **given)
    assert "The calendar was not connected." in text_of(answer)
    assert ConnectedCalendar.objects.count() == 0


def test_a_code_that_is_refused_connects_nothing(browser, kind, provider):
    query = ask(browser, kind, provider)
    answer = come_back(browser, kind, state=query["state"], code="stolen")
    assert "Access was withdrawn." in text_of(answer)
    assert ConnectedCalendar.objects.count() == 0


def test_an_answer_counts_once(browser, kind, provider):
    query = ask(browser, kind, provider)
    come_back(browser, kind, state=query["state"], code="good-code")
    again = come_back(browser, kind, state=query["state"], code="good-code")
    assert "The calendar was not connected." in text_of(again)
    assert ConnectedCalendar.objects.count() == 1


def test_the_answer_of_another_provider_does_not_count(browser, kind, provider, settings):
    other = {"google": "microsoft", "microsoft": "google"}[kind]
    query = ask(browser, kind, provider)
    with getattr(providers, other)(settings):
        answer = come_back(browser, other, state=query["state"], code="good-code")
    assert "The calendar was not connected." in text_of(answer)


def test_access_that_is_withdrawn_later_is_said_on_the_page(browser, kind, provider):
    query = ask(browser, kind, provider)
    come_back(browser, kind, state=query["state"], code="good-code")
    provider.grants = set()
    pk = ConnectedCalendar.objects.get().pk
    answer = browser.post(f"/calendars/{pk}/read/", follow=True)
    assert "Access was withdrawn. Please connect the calendar again." in text_of(answer)


@pytest.mark.parametrize("path", ["google/", "google/answer/", "ics/", "nobody/"])
def test_what_is_not_switched_on_is_not_there(browser, path):
    assert browser.get(f"/calendars/connect/{path}").status_code == 404
    assert "/calendars/connect/" not in text_of(browser.get("/desk/calendars/"))


def test_who_is_not_signed_in_connects_nothing(kind, provider):
    assert Client().get(f"/calendars/connect/{kind}/")["Location"].startswith("/accounts/login/")
