"""What a browser is told, and what a guesser meets."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

pytestmark = pytest.mark.django_db


def test_nothing_inline_and_nothing_evaluated(client):
    policy = dict(
        directive.split(" ", 1)
        for directive in client.get("/accounts/login/")["Content-Security-Policy"].split("; ")
    )
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"


def test_a_form_may_lead_to_the_simulated_checkout(client, settings):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert f"http://127.0.0.1:{settings.PORTS.emulator}" in policy


def test_a_foreign_host_is_refused(client):
    assert client.get("/accounts/login/", headers={"host": "evil.test"}).status_code == 400


@pytest.fixture
def ada(settings):
    settings.AXES_ENABLED = True
    return get_user_model().objects.create_user("ada@example.test", "a long enough secret")


def sign_in(client, address, password):
    return client.post("/accounts/login/", {"login": address, "password": password}).status_code


def test_after_ten_wrong_passwords_that_door_is_closed_even_to_the_right_one(client, ada):
    tries = [sign_in(client, "ada@example.test", f"guess {number}") for number in range(9)]
    assert tries == [200] * 9
    assert sign_in(client, "Ada@Example.test", "guess 10") == 429
    assert sign_in(client, "ada@example.test", "a long enough secret") == 429


def test_the_door_of_another_stays_open(client, ada):
    for number in range(10):
        sign_in(client, "cleo@example.test", f"guess {number}")
    assert sign_in(client, "ada@example.test", "a long enough secret") == 302
