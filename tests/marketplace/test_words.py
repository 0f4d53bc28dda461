"""How lengths of time are told on the marketplace's pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.templatetags.people import first_name, roughly


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(), "1 min"),
        (timedelta(seconds=61), "2 min"),
        (timedelta(hours=1), "60 min"),
        (timedelta(hours=1, seconds=1), "2 h"),
        (timedelta(hours=48), "48 h"),
        (timedelta(hours=49), "3 d"),
    ],
)
def test_a_length_is_rounded_up(length, told):
    assert roughly(length) == told


def test_a_first_name_is_the_first_word():
    assert first_name("Ada Okafor") == "Ada"
