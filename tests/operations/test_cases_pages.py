"""The desk of operations as pages: the queue, a case, and what its forms do and refuse."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.cache import cache

from core import clock
from scheduling.models import Booking
from tests.marketplace.cast import HOUR, TOMORROW
from tests.operations.conftest import later, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(signed_in, olu):
    cache.clear()
    return signed_in(olu)


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def page_of(session, *rest):
    return "/".join(["", "operations", "sessions", str(session.pk), *rest, ""])


def test_an_empty_queue_says_what_would_be_in_it(desk):
    page = shown(desk.get("/operations/"))
    assert "No report waits" in page
    assert "No compensation waits" in page


def test_the_queue_leads_to_each_case(desk, mia, ben, cleo):
    waits, stands = reported(mia, ben), reported(mia, cleo, TOMORROW + HOUR, both=False)
    page = shown(desk.get("/operations/"))
    assert "Ben Adler reports that Mia Lindqvist did not come" in page
    assert page.index(page_of(waits)) < page.index(page_of(stands))
    assert "1 for you to decide" in page
    assert "Stands by itself" in page


def test_a_case_has_everything_that_was_said(desk, session):
    page = shown(desk.get(page_of(session)))
    for part in ("Silence.", "Who was there", "pressed “I am here”", "Nothing was paid.", "No show reported"):
        assert part in page
    assert "The coach did not come" in page
    assert "goes back" not in page


def test_a_decision_needs_a_side_and_a_reason_and_keeps_what_was_written(desk, session):
    page = shown(desk.post(page_of(session, "decide"), {"reason": "Half a thought"}), status=400)
    assert "This field is required" in page
    assert "Half a thought" in page
    assert Booking.objects.get(pk=session.pk).state == "confirmed"


def test_a_decision_is_shown_to_whoever_looks_later(desk, session):
    with clock.frozen_at(later(2)):
        said = {"report": "rejected", "reason": "Both were in the room."}
        assert desk.post(page_of(session, "decide"), said).url == page_of(session)
        page = shown(desk.get(page_of(session)))
        again = shown(desk.post(page_of(session, "decide"), said, follow=True))
    assert "by Olu Adeyemi" in page
    assert "Both were in the room." in page
    assert "Decide and move the money" not in page
    assert "Nothing waits to be decided here any more." in again
    assert Booking.objects.get(pk=session.pk).state == "completed"


def test_nobody_decides_about_his_own_session(desk, mia, olu):
    own = reported(mia, olu)
    page = shown(desk.post(page_of(own, "decide"), {"report": "upheld", "reason": "Me."}, follow=True))
    assert "Nobody decides about his own session." in page
    assert Booking.objects.get(pk=own.pk).state == "confirmed"


def test_nothing_is_given_back_of_what_nobody_paid(desk, session):
    assert "Give some of it back" not in shown(desk.get(page_of(session)))
    page = shown(desk.post(page_of(session, "refund"), {"amount": "5", "reason": "x"}), status=400)
    assert "at most what is kept" in page


def test_there_is_no_case_of_what_is_not_there(desk, session):
    class Nothing:
        pk = uuid4()

    assert desk.get(page_of(Nothing)).status_code == 404
    assert desk.post(page_of(Nothing, "decide")).status_code == 404
    assert desk.post(page_of(session, "compensation"), {"why": "x"}).status_code == 404
