"""Reports, objections, decisions and the clock at one moment: one of them is first, and all agree on it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.models import AuditLine
from marketplace.domain import attendance
from marketplace.domain.booking import Wish, book
from scheduling.domain.attendance import say_here
from scheduling.domain.completing import complete_booking
from scheduling.domain.reports import contest
from scheduling.models import Booking, Report
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person
from tests.marketplace.test_races import all_at_once

pytestmark = [pytest.mark.backend, pytest.mark.django_db(transaction=True)]

WAITED = TOMORROW + timedelta(minutes=20)
STANDS = WAITED + 24 * HOUR


@pytest.fixture
def mia():
    return coach(person("Mia Lindqvist"), kind="mentor")


@pytest.fixture
def ben():
    return person("Ben Adler")


@pytest.fixture
def session(mia, ben):
    """A session to which only Ben came."""
    session = book(Wish(offer(mia, price=0).pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    say_here(session.pk, by=ben, now=TOMORROW)
    return session


def report(session, ben, now=WAITED):
    return attendance.report_no_show(session.pk, by=ben, comment="", now=now).state


def ended(session):
    return Booking.objects.get(pk=session.pk).state, Report.objects.get().state


def test_a_report_pressed_many_times_at_once_is_one(session, ben):
    assert all_at_once(*[lambda: report(session, ben)] * 4) == ["open"] * 4
    assert Report.objects.count() == 1
    assert AuditLine.objects.filter(action="no_show_reported").count() == 1


def test_who_comes_at_the_moment_of_the_report_contests_it_in_either_order(session, mia, ben):
    all_at_once(
        lambda: report(session, ben),
        lambda: say_here(session.pk, by=mia.user, now=WAITED),
    )
    assert ended(session) == ("confirmed", "contested")


def test_a_session_that_ends_as_it_is_reported_is_not_both_complete_and_missed(session, ben):
    at_the_end = TOMORROW + HOUR
    all_at_once(
        lambda: report(session, ben, now=at_the_end),
        lambda: complete_booking(session.pk, now=at_the_end).state,
    )
    assert attendance.settle_due(at_the_end + 24 * HOUR) == 1
    assert ended(session) == ("no_show_coach", "upheld")


def test_two_workers_settle_a_report_once(session, ben):
    report(session, ben)
    assert sorted(all_at_once(*[lambda: attendance.settle_due(STANDS)] * 3)) == [0, 0, 1]
    assert AuditLine.objects.filter(action="no_show_coach").count() == 1


def test_an_objection_and_two_decisions_at_once_end_in_one_of_them(session, mia, ben):
    olu = person("Olu Adeyemi", is_staff=True)
    report(session, ben)

    def decide(upheld):
        return attendance.decide(session.pk, upheld=upheld, by=olu, reason="Seen.", now=WAITED + 2 * HOUR)

    answers = all_at_once(
        lambda: decide(upheld=True).state,
        lambda: decide(upheld=False).state,
        lambda: contest(session.pk, by=mia.user, comment="", now=WAITED + 2 * HOUR).state,
    )
    decided = [answer for answer in answers if answer in {"upheld", "rejected"}]
    assert len(decided) == 1
    becomes = {"upheld": "no_show_coach", "rejected": "completed"}[decided[0]]
    assert ended(session) == (becomes, decided[0])
