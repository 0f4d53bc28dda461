"""The settings of money are looked at before anything starts."""

from __future__ import annotations

import pytest
from django.core.checks import Tags, run_checks

from core.checks import money_settings_are_possible
from tests.marketplace.cast import coach, offer, person


def ids(found):
    return [message.id for message in found]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("CURRENCY", "kwd", []),
        ("CURRENCY", "USD", ["core.E001"]),
        ("CURRENCY", "dollars", ["core.E001"]),
        ("TAX_MODE", "stripe", []),
        ("TAX_MODE", "yes", ["core.E002"]),
    ],
)
def test_a_currency_exists_and_a_tax_mode_is_one_of_two(settings, name, value, found):
    setattr(settings, name, value)
    assert ids(money_settings_are_possible()) == found


@pytest.mark.django_db
def test_the_currency_is_chosen_once(settings, now):
    offer(coach(person("Ada"), now=now), now=now)
    asked = {"tags": [Tags.database], "databases": ["default"]}
    assert ids(run_checks(**asked)) == []

    settings.CURRENCY = "jpy"
    (complaint,) = run_checks(**asked)
    assert (complaint.id, complaint.is_serious()) == ("core.E003", True)
    assert complaint.msg == "CURRENCY is jpy, but there are rows in other currencies: offers in usd."
