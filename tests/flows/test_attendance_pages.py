"""The session's page while somebody is missing: who is here, what may be said, what came of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def browser_of(person):
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def bens(ben):
    return browser_of(ben)


@pytest.fixture
def adas(ada):
    return browser_of(ada)


@pytest.fixture
def page(stripe, confirmed, at):
    """``page("here")`` is an address of Ben's session with Ada, which is about to begin."""
    booking = confirmed(days=3)
    stripe.set_clock(at(days=3))

    def path(*rest):
        return "/".join(["", "sessions", booking["id"], *rest, ""])

    path.booking = booking
    return path


def test_each_side_says_that_it_is_here_and_sees_the_other(stripe, bens, adas, page, at):
    stripe.set_clock(at(days=3, minutes=-11))
    assert "Who is here" not in shown(bens.get(page()))
    stripe.set_clock(at(days=3, minutes=-10))
    assert "I am here" in shown(bens.get(page()))
    assert bens.post(page("here")).url == page()
    mine = shown(bens.get(page()))
    assert "Here since 12:50" in mine
    assert "session_here" not in mine
    # From 13:15 in Berlin on he may say that she is missing.
    assert "you can say so here from" in mine
    assert "13:15" in mine
    hers = shown(adas.get(page()))
    assert "Here since 11:50" in hers
    assert "I am here" in hers


def test_who_is_missing_is_reported_with_what_follows_in_money(stripe, bens, adas, ada, page, at):
    bens.post(page("here"))
    stripe.set_clock(at(days=3, minutes=14))
    assert "Ada has not come?" not in shown(bens.get(page()))
    stripe.set_clock(at(days=3, minutes=15))
    before = shown(bens.get(page()))
    assert "Ada has not come?" in before
    ids = re.findall(r' id="([^"]+)"', before)
    assert len(ids) == len(set(ids)), "each form's fields have names of their own"
    assert 'all of your <span class="money">$120.00</span> goes back to you' in before
    bens.post(page("no-show"), {"comment": "I wrote to her twice."})
    mine = shown(bens.get(page()))
    assert "You reported that Ada did not come" in mine
    assert "Sat 28 Nov, 13:15" in mine
    assert "I object" not in mine
    hers = shown(adas.get(page()))
    assert "Ben reported that you did not come" in hers
    assert "I wrote to her twice." in hers
    assert "I object" in hers

    stripe.work(at(days=4, minutes=15))
    after = shown(bens.get(page()))
    assert "Ada Okafor did not come." in after
    assert 'Nobody objected, so it stands. <span class="money">$120.00</span> goes back to you.' in after
    assert '<span class="money">$12.00</span> is on your balance' in after
    assert "All that was paid goes back to Ben Adler." in shown(adas.get(page()))


def test_who_objects_is_heard(stripe, bens, adas, page, at):
    bens.post(page("here"))
    stripe.set_clock(at(days=3, minutes=20))
    bens.post(page("no-show"), {"comment": ""})
    adas.post(page("no-show", "contest"), {"comment": "The room stayed shut."})
    for reader in (bens, adas):
        seen = shown(reader.get(page()))
        assert "One of us reads what both of you say, and decides." in seen
        assert "The room stayed shut." in seen
    assert "I object" not in shown(adas.get(page()))


def test_a_coach_reports_a_candidate_and_is_paid(stripe, bens, adas, page, at):
    adas.post(page("here"))
    stripe.set_clock(at(days=3, minutes=20))
    assert "nothing goes back and you are paid in full" in shown(adas.get(page()))
    adas.post(page("no-show"), {"comment": ""})
    stripe.work(at(days=4, minutes=20))
    assert "You are paid in full." in shown(adas.get(page()))
    assert "It is settled that you did not come. Nothing goes back." in shown(bens.get(page()))


def test_a_dispute_says_until_when_and_keeps_what_was_written(stripe, bens, adas, page, at):
    stripe.work(at(days=3, hours=2))
    before = shown(bens.get(page()))
    assert "Something went wrong?" in before
    assert "Mon 30 Nov, 14:00" in before
    assert "Something went wrong?" not in shown(adas.get(page()))
    refused = shown(bens.post(page("dispute"), {"comment": "It was over after ten minutes."}), status=400)
    assert "It was over after ten minutes." in refused
    assert "This field is required" in refused
    bens.post(page("dispute"), {"reason": "cut_short", "comment": "It was over after ten minutes."})
    assert "You dispute this session" in shown(bens.get(page()))
    hers = shown(adas.get(page()))
    assert "Ben Adler disputes this session" in hers
    assert "Cut short" in hers


def test_nobody_is_asked_for_a_scorecard_of_what_is_not_settled(stripe, bens, adas, page, at):
    adas.post(page("here"))
    stripe.set_clock(at(days=3, minutes=20))
    adas.post(page("no-show"), {"comment": ""})
    stripe.work(at(days=3, hours=2))
    assert "Scorecards you owe" not in shown(adas.get("/desk/"))
    assert "Write the scorecard" not in shown(adas.get(page()))
    assert "writes your scorecard now" not in shown(bens.get(page()))


def test_what_is_not_settled_is_not_called_confirmed(stripe, bens, adas, page, at):
    adas.post(page("here"))
    stripe.set_clock(at(days=3, minutes=15))
    adas.post(page("no-show"))
    stripe.set_clock(at(days=3, minutes=75))
    mine = shown(bens.get(page()))
    assert "Not settled" in mine
    assert "You can say how it was once it is settled what happened." in mine
    assert "Said “I am here”" in mine


def test_what_comes_too_late_is_said_so(stripe, bens, page, at):
    stripe.work(at(days=3, hours=2))
    assert "It is too late for that." in shown(bens.post(page("here"), follow=True))
    assert "Only who pressed" in shown(bens.post(page("no-show"), {"comment": ""}, follow=True))
    stripe.work(at(days=7))
    assert "Something went wrong?" not in shown(bens.get(page()))


def test_a_stranger_says_nothing(cleo, page):
    stranger = browser_of(cleo)
    for rest in (("here",), ("no-show",), ("no-show", "contest"), ("dispute",)):
        assert stranger.post(page(*rest)).status_code == 404
        assert stranger.get(page(*rest)).status_code == 405
