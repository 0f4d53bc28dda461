"""How lengths of time are told on the marketplace's pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.templatetags.people import doer, first_name, happened, roughly
from scheduling.states import Side


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


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("here", "Said “I am here”"),
        ("expired", "Lapsed"),
        ("no_show_coach", "The coach did not come"),
        ("scorecard.delivered", "Scorecard delivered"),
    ],
)
def test_the_trail_is_told_in_the_words_of_the_page(kind, told):
    assert happened(kind) == told


@pytest.mark.parametrize(
    ("side", "told"),
    [
        (Side.COACH, "by the coach"),
        (Side.CANDIDATE, "by the candidate"),
        (Side.OPERATIONS, "by operations"),
        (Side.SYSTEM, "automatically"),
    ],
)
def test_who_did_it_is_a_person_or_nobody(side, told):
    assert doer(side) == told
