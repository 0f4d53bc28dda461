"""Who is let in: staff who used a second factor, and nobody else."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.second_factor import current_code
from tests.marketplace.cast import person

pytestmark = pytest.mark.django_db

QUEUES = "/api/v1/operations/queues/"


@pytest.fixture(autouse=True)
def _codes_are_new():
    """A code is taken once; the next test's may be the same one."""
    cache.clear()


@pytest.fixture
def half(db):
    """Staff who never set up a second factor."""
    return person("Hal Fry", is_staff=True)


def paths(session):
    return [
        ("get", QUEUES),
        ("post", f"/api/v1/operations/bookings/{session.pk}/decide/"),
        ("post", f"/api/v1/operations/bookings/{session.pk}/refund/"),
        ("post", "/api/v1/operations/compensations/1/grant/"),
        ("post", "/api/v1/operations/compensations/1/refuse/"),
    ]


def pages(session):
    case = f"/operations/sessions/{session.pk}/"
    return [
        ("get", "/operations/"),
        ("get", case),
        *[("post", f"{case}{what}/") for what in ("decide", "refund", "compensation")],
    ]


def test_the_api_is_for_staff_alone(token, session, ben, mia, cleo, half):
    for method, path in paths(session):
        for other in (ben, mia.user, cleo):
            assert getattr(token(other), method)(path).status_code == 404
        refused = getattr(token(half), method)(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "second_factor_needed")
        assert getattr(APIClient(), method)(path).status_code == 401


def test_a_token_of_staff_with_a_second_factor_is_let_in(token, olu, session):
    assert token(olu).get(QUEUES).status_code == 200


def test_the_pages_are_for_staff_alone(session, ben, mia, cleo, half):
    for method, path in pages(session):
        for other in (ben, mia.user, cleo):
            browser = Client()
            browser.force_login(other)
            assert getattr(browser, method)(path).status_code == 404
        browser = Client()
        browser.force_login(half)
        refused = getattr(browser, method)(path)
        assert refused.status_code == 403
        assert b"asks for a second factor" in refused.content
        assert getattr(Client(), method)(path).url.startswith("/accounts/login/?next=/operations/")


def test_signing_in_with_the_code_opens_the_desk_and_the_api(signed_in, olu, session):
    browser = signed_in(olu)
    assert browser.get("/operations/").status_code == 200
    assert browser.get(QUEUES).status_code == 200


def test_a_password_alone_does_not_sign_operations_in(signed_in, olu):
    browser = signed_in(olu, code=False)
    assert browser.get("/operations/").status_code == 302


def test_a_session_from_before_the_second_factor_is_not_enough(client, olu):
    client.force_login(olu)
    assert client.get("/operations/").status_code == 403
    assert client.get(QUEUES).json()["error"]["code"] == "second_factor_needed"


def test_the_administration_is_entered_by_the_same_door(client):
    assert client.get("/admin/login/").url.startswith("/accounts/login/")
    assert client.get("/admin/").url.startswith("/admin/login/")


def test_the_command_prints_the_code_of_who_has_a_factor(olu, ben, settings):
    out = StringIO()
    call_command("second_factor", "Olu@demo.test", stdout=out)
    assert out.getvalue().strip() == current_code(olu)
    for email, complaint in (("ben@demo.test", "no second factor"), ("nobody@demo.test", "no user")):
        with pytest.raises(CommandError, match=complaint):
            call_command("second_factor", email)
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("second_factor", "olu@demo.test")
