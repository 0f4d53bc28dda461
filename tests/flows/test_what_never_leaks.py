"""Card data never reaches us, and no secret reaches a log: whole journeys are searched for both."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import redirect_stderr
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.test import Client
from django.urls import reverse
from stripe import WebhookSignature

from accounts.domain.tokens import issue_token
from config import logs
from core import clock
from core.instants import instant_json
from integrations.stripe import client as our_client
from integrations.stripe.errors import MisconfiguredError
from integrations.stripe.gateway import get_gateway
from scheduling.domain.feeds import open_feed
from stripe_emulator.http import Request
from stripe_emulator.transport import InProcessClient
from tests.integrations.calendars.serving import Answer, serving
from tests.marketplace.cast import person

pytestmark = pytest.mark.django_db

# An American Express card: its number and its four digits on the front are nobody else's by chance.
PAN, CVC = "378282246310005", "8361"
IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z]{2,6}_\w+")


def is_in(text: str) -> bool:
    """Whether a card's number or code stands in a text, its random identifiers left out."""
    plain = IDS.sub("", text)
    return PAN in re.sub(r"[\s-]", "", plain) or re.search(rf"(?<!\w){CVC}(?!\w)", plain) is not None


@pytest.fixture
def said():
    """Every line that is logged, in its final form, down to DEBUG."""
    lines = StringIO()
    with redirect_stderr(lines):
        logs.configure({"level": "DEBUG"})
    yield lines
    logs.configure(django_settings.LOGGING)


@pytest.fixture
def asked(monkeypatch):
    """Every request that arrives here: its line, its headers, its body."""
    requests, answer = [], BaseHandler.get_response

    def listen(handler, request):
        requests.append(
            f"{request.method} {request.get_full_path()} {dict(request.headers)} {request.body!r}"
        )
        return answer(handler, request)

    monkeypatch.setattr(BaseHandler, "get_response", listen)
    return requests


@pytest.fixture
def sent(monkeypatch):
    """Every request that leaves for Stripe, and every answer."""
    calls, send = [], InProcessClient.request

    def listen(self, method, url, headers, post_data=None, **more):
        answer = send(self, method, url, headers, post_data, **more)
        calls.append(f"{method} {url} {headers} {post_data} {answer}")
        return answer

    monkeypatch.setattr(InProcessClient, "request", listen)
    return calls


def rows():
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608  (names of our own tables)
            yield from (f"{table} {row}" for (row,) in cursor.fetchall())


def test_a_card_goes_to_stripes_page_and_nowhere_else(stripe, ben, ada, hour, at, said, asked, sent):
    """Ben types it into the form on Stripe's own page; what comes back to us says that it was paid."""
    browser = Client()
    browser.force_login(ben.user)
    browser.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": instant_json(at(days=3))})
    [booking] = ben.get("bookings/")["results"]
    browser.post(f"/sessions/{booking['id']}/prepare/", {"target_company": "Google"})
    stripes_page = browser.post(f"/sessions/{booking['id']}/pay/")["Location"]
    assert "/c/pay/" in stripes_page

    form = urlencode({"number": PAN, "expiry": "12/34", "cvc": CVC, "name": "Ben Adler", "postal_code": "1"})
    page = "/c/pay/" + stripes_page.partition("/c/pay/")[2].partition("#")[0]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = stripe.emulator.handle(Request("POST", page, headers, form.encode()))
    back = answer.headers["Location"]
    assert back.startswith(django_settings.SITE_URL)
    browser.get(back.removeprefix(django_settings.SITE_URL))
    stripe.work()
    assert ben.booking(booking)["state"] == "confirmed"
    ben.cancel(booking)
    stripe.work()

    assert is_in(form)
    assert [request for request in asked if is_in(request)] == []
    assert [call for call in sent if is_in(call)] == []
    assert [row for row in rows() if is_in(row)] == []
    assert not is_in(said.getvalue())


def test_no_secret_is_ever_logged(stripe, ben, ada, hour, at, settings, said, caplog):
    """What goes well and what goes wrong, told down to DEBUG: nothing in it opens anything."""
    settings.ALLOW_PRIVATE_ADDRESSES = True
    secrets = {
        "our key": settings.STRIPE_SECRET_KEY,
        "the webhook secret": settings.STRIPE_WEBHOOK_SECRET,
        "the site's key": settings.SECRET_KEY,
        "a password": "correct-horse-battery",
        "a wrong password": "hunter2-hunter2",
        "a calendar's password": "calendar-passphrase",
        "a published calendar": "private-7Hq2",
        "a token": issue_token(ben.user, now=clock.now()),
        "a feed": open_feed(ben.user, now=clock.now()),
        "another key": "sk_test_of_somebody_else",
        "another webhook secret": "whsec_of_somebody_else",
    }
    with said_by_django():
        _sign_in(secrets)
        _use_tokens_and_feeds(secrets)
        _connect_calendars(ada, secrets)
        _pay_and_fail(stripe, ben, hour, at)
        _knock(secrets)
        _use_the_wrong_key(settings, stripe, secrets)

    text = said.getvalue() + caplog.text
    assert text.count("\n") > 20
    for word in ("stripe.unknown", "stripe.webhook_refused", "stripe.event_failed"):
        assert word in text
    assert [name for name, secret in secrets.items() if secret in text] == []


class said_by_django:  # noqa: N801  (read as a sentence)
    """Django's own SQL is logged too, with its values."""

    def __enter__(self):
        connection.force_debug_cursor = True

    def __exit__(self, *_):
        connection.force_debug_cursor = False


def _sign_in(secrets):
    person("Eve Ito").set_password(secrets["a password"])
    browser = Client()
    for password in (secrets["a wrong password"], secrets["a password"]):
        browser.post(reverse("account_login"), {"login": "eve@demo.test", "password": password})


def _use_tokens_and_feeds(secrets):
    browser = Client()
    token = {"Authorization": f"Token {secrets['a token']}"}
    assert browser.get("/api/v1/bookings/", headers=token).status_code == 200
    assert browser.get("/api/v1/bookings/no-such-booking/", headers=token).status_code == 404
    assert browser.get(f"/feeds/{secrets['a feed']}.ics").status_code == 200
    assert browser.get(f"/feeds/{secrets['a feed'][:-1]}.ics").status_code == 404


def _connect_calendars(ada, secrets):
    for answer in (Answer("no", 401), Answer("broken", 500), Answer("odd", 200)):
        with serving(lambda _, answer=answer: answer) as server:
            address = f"{server.url}/{secrets['a published calendar']}.ics"
            ada.client.post("/api/v1/me/calendars/", {"kind": "ics", "url": address}, format="json")
            dav = {"kind": "caldav", "url": server.url, "username": "ada"}
            dav["password"] = secrets["a calendar's password"]
            ada.client.post("/api/v1/me/calendars/", dav, format="json")


def _pay_and_fail(stripe, ben, hour, at):
    for kind, path in [
        ("timeout_after", "POST /v1/checkout/sessions"),
        ("error_500", "GET /v1/checkout/sessions*"),
        ("reset", "POST /v1/refunds"),
    ]:
        stripe.fault(kind, path, times=3)
    ben.book(hour, at(days=3))
    booking = ben.book(hour, at(days=3), status=200)
    stripe.pay(booking["checkout_session"], card="4000000000000002")
    stripe.pay(booking["checkout_session"])
    stripe.work()
    ben.cancel(booking)
    stripe.work()
    stripe.work(at(hours=2))


def _knock(secrets):
    browser, body = Client(), '{"id": "evt_1"}'
    for name in ("the webhook secret", "another webhook secret"):
        signed = WebhookSignature.generate_signature_header(body, secrets[name])
        answer = browser.post(
            "/stripe/webhooks/", body, "application/json", headers={"Stripe-Signature": signed}
        )
        assert answer.status_code == 400


def _use_the_wrong_key(settings, stripe, secrets):
    settings.STRIPE_SECRET_KEY = secrets["another key"]
    our_client.client.cache_clear()
    stripe.emulator.handle(Request("GET", "/v1/balance", {"Authorization": "Bearer nothing"}))
    try:
        get_gateway().balance()
    except MisconfiguredError:
        logging.getLogger("test").exception("wrong key", stack_info=True)
    settings.STRIPE_SECRET_KEY = ""
    our_client.client.cache_clear()
    with pytest.raises(MisconfiguredError):
        get_gateway().balance()
    assert sys.exc_info() == (None, None, None)
