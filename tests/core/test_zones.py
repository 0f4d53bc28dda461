"""Zones are found by the countries that keep their time."""

from __future__ import annotations

import pytest

from core.instants import zone_names
from core.templatetags.zones import countries
from core.zones import countries_by_zone


@pytest.mark.parametrize(
    ("zone", "named"),
    [
        ("Asia/Kolkata", "India"),
        ("Africa/Accra", "Ghana"),
        ("America/Argentina/Buenos_Aires", "Argentina"),
        ("UTC", ""),
        ("Nowhere/At_All", ""),
    ],
)
def test_a_zone_is_named_by_its_countries(zone, named):
    assert countries(zone) == named


def test_a_zone_of_several_countries_names_each_once():
    named = countries_by_zone()["Europe/Berlin"]
    assert named[:2] == ["Germany", "Denmark"]
    assert len(named) == len(set(named))


def test_every_zone_with_a_country_is_one_that_can_be_chosen():
    assert set(countries_by_zone()) - zone_names() == set()
