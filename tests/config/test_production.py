"""A public site starts only with real addresses, and passes Django's own review."""

from __future__ import annotations

import pytest

from config.settings.refusals import REQUIRED, refusals
from tests.site import manage

GIVEN = {
    "SECRET_KEY": "5f0c7e9a-61d2-4b7e-9c55-2f4f3f0f9d1e-northstar-for-tests",
    "ALLOWED_HOSTS": "northstar.test",
    "SITE_URL": "https://northstar.test",
    "DATABASE_URL": "postgres://postgres@127.0.0.1:5432/northstar",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "STRIPE_SECRET_KEY": "sk_test_given",
    "STRIPE_WEBHOOK_SECRET": "whsec_given",
    "EMAIL_URL": "smtp://127.0.0.1:2525",
}
PRODUCTION = {"DJANGO_SETTINGS_MODULE": "config.settings.production"}


def test_with_all_it_needs_nothing_is_refused():
    assert refusals(GIVEN) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_missing_is_named(name):
    assert refusals(GIVEN | {name: ""}) == [f"{name} is missing: {REQUIRED[name]}."]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 50 characters."),
        ({"DEBUG": "1"}, "DEBUG shows the site's insides to everybody."),
        (
            {"ALLOW_PRIVATE_ADDRESSES": "true"},
            "ALLOW_PRIVATE_ADDRESSES lets strangers call machines of the private network.",
        ),
        ({"SITE_URL": "http://northstar.test"}, "SITE_URL has to begin with https://."),
    ],
)
def test_what_is_for_development_is_refused(changed, sentence):
    assert refusals(GIVEN | changed) == [sentence]


def test_production_without_addresses_does_not_start(tmp_path):
    refused = manage(tmp_path, "check", **PRODUCTION)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(
        "django.core.exceptions.ImproperlyConfigured: SECRET_KEY is missing"
    )


def test_django_finds_nothing_to_improve_before_a_deployment(tmp_path):
    reviewed = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, **GIVEN)
    assert (reviewed.returncode, reviewed.stderr) == (0, "")


def test_the_clock_of_production_cannot_be_moved(tmp_path):
    moved = manage(tmp_path, "clock", "--advance", "60", **PRODUCTION, **GIVEN)
    assert moved.returncode == 1
    assert not list(tmp_path.glob("clock*"))
