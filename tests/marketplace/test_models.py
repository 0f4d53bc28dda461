"""One row's truths: what the tables refuse, the life of a profile, how rows are called."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from core.errors import IllegalTransitionError, NotFoundError
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.scorecards import MarkGiven, Verdict, deliver_scorecard
from marketplace.models import Coach, Compensation, Employment, Offer, Review
from marketplace.rules.text import fold, words
from marketplace.states import TRANSITIONS, CoachState
from tests.marketplace.cast import NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("state", "target"), list(product(CoachState, CoachState)))
def test_a_profile_takes_the_arrows_of_its_table_and_no_other(state, target):
    coach = Coach(state=state)
    if target in TRANSITIONS[state]:
        coach.move_to(target)
        assert coach.state == target
    else:
        with pytest.raises(IllegalTransitionError):
            coach.move_to(target)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "retired"},
        {"kind": "wizard"},
        {"interview_types": ["juggling"]},
        {"rating": "5.50", "review_count": 1},
        {"rating": "4.00", "review_count": 0},
        {"rating": None, "review_count": 2},
    ],
)
def test_the_table_of_coaches_refuses_nonsense(ada, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Coach.objects.filter(pk=ada.pk).update(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "wedding"},
        {"kind": "intro"},
        {"duration_minutes": 4},
        {"duration_minutes": 481},
        {"price": 100_000_000},
        {"price": -1},
    ],
)
def test_the_table_of_offers_refuses_nonsense(hour, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=hour.pk).update(**broken)


def test_rows_are_called_by_what_they_are(ada, hour, mia, ben):
    chat = offer(mia, price=0, minutes=30)
    session = book(Wish(chat.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    verdict = Verdict([MarkGiven("structure", 4, ""), MarkGiven("calm", 1, "")], "Keep", "Stop", "Start")
    card = deliver_scorecard(session.pk, verdict, by=mia.user, now=TOMORROW)
    review = Review(session=session, side="candidate", rating=5)
    assert [str(each) for each in (ada, hour, session, card, review)] == [
        "Ada Okafor",
        "60 minutes",
        "30 minutes 2026-11-03 10:00 UTC, confirmed",
        f"scorecard of {session.pk}",
        "5 by the candidate",
    ]
    assert [str(mark) for mark in card.marks.all()] == ["Structure: 4", "calm: 1"]
    assert [mark.level_label for mark in card.marks.all()] == ["Strong", "Not yet"]
    assert str(Compensation(amount=1200, currency="usd", candidate=ben)) == "1200 usd to ben@demo.test"
    assert session.other_than(ben) == mia.user
    assert session.other_than(mia.user) == ben
    assert hour.cost.as_json() == {"amount": 12000, "currency": "usd"}
    assert ada.type_labels == ["Product design"]
    assert ada.language_labels == ["English"]


def test_years_are_written_short(ada):
    job = ada.employments.get()
    assert str(job) == "Google"
    assert Employment(company=job.company, from_year=2016, to_year=2021).years == "2016–21"
    assert Employment(company=job.company, from_year=2012).years == "2012–"


def test_strangers_change_nothing(mia, ben, cleo):
    chat = offer(mia, price=0, minutes=30)
    session = book(Wish(chat.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    with pytest.raises(NotFoundError):
        cancel(session.pk, by=cleo, now=NOW)
    with pytest.raises(NotFoundError):
        deliver_scorecard(session.pk, Verdict([], "", "", ""), by=cleo, now=TOMORROW)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łukasz Ríos", "lukasz rios"),
        ("STRASSE Straße", "strasse strasse"),
        ("Ærø œuvre Þór", "aero oeuvre thor"),
        ("İstanbul", "istanbul"),
        ("Ünïcödé\x00", "unicode"),
        ("東京", "東京"),
    ],
)
def test_words_are_folded_to_what_people_type(text, folded):
    assert fold(text) == folded


def test_words_are_what_is_left_of_punctuation():
    assert words("C++, (Go)!  data-driven") == ["c", "go", "data", "driven"]
