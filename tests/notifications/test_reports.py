"""Who hears what when somebody did not come: both sides, once, each by their own clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from core import clock, outbox
from core.events import announce
from core.models import OutboxMessage
from marketplace.domain import attendance
from marketplace.domain.booking import Wish, book
from notifications.models import Notification
from scheduling.domain.attendance import say_here
from scheduling.domain.reports import contest
from scheduling.events import ReportMade
from scheduling.models import Report
from tests.marketplace.cast import NOW, TOMORROW, coach, offer, person

pytestmark = pytest.mark.django_db
REPORTED = TOMORROW + timedelta(minutes=20)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"
    with clock.frozen_at(REPORTED):
        yield


@pytest.fixture
def mia():
    return coach(person("Mia Lindqvist", timezone="Europe/Stockholm"), kind="mentor", timezone="UTC")


@pytest.fixture
def ben():
    return person("Ben Adler", timezone="America/New_York")


@pytest.fixture
def olu():
    return person("Olu Adeyemi", is_staff=True)


@pytest.fixture
def session(mia, ben):
    session = book(Wish(offer(mia, price=0).pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    say_here(session.pk, by=ben, now=TOMORROW)
    deliver()
    mail.outbox.clear()
    Notification.objects.all().delete()
    return session


def deliver():
    while due := outbox.due(REPORTED + 9 * DAY):
        for pk in due:
            assert outbox.deliver(pk, now=REPORTED), OutboxMessage.objects.get(pk=pk).error


def report(session, ben, comment="I waited."):
    attendance.report_no_show(session.pk, by=ben, comment=comment, now=REPORTED)
    deliver()


def heard(who):
    return list(Notification.objects.filter(person=who).order_by("id").values_list("title", flat=True))


def test_a_report_tells_both_what_happens_next_and_until_when(session, mia, ben):
    report(session, ben)
    to_mia = next(letter for letter in mail.outbox if letter.to == [mia.user.email])
    assert heard(ben) == ["Your report about Tue 3 Nov, 05:00 is in"]
    assert heard(mia.user) == ["Ben Adler reports that you did not come"]
    assert "until Wed 4 Nov, 11:20" in to_mia.body
    assert "Object until: Wed 4 Nov, 11:20, Europe/Stockholm (UTC+1)" in to_mia.body
    to_ben = next(letter for letter in mail.outbox if letter.to == [ben.email])
    assert "It stands: Wed 4 Nov, 05:20, America/New York (UTC−5)" in to_ben.body
    assert "Ben Adler says: I waited." in to_mia.body
    assert f"/sessions/{session.pk}/" in to_mia.body


def test_of_two_who_came_one_reports_and_people_decide(session, mia, ben):
    say_here(session.pk, by=mia.user, now=TOMORROW)
    report(session, ben)
    assert heard(ben) == ["Your report about Tue 3 Nov, 05:00 is with us"]
    assert "one of us decides" in Notification.objects.get(person=mia.user).body


def test_an_objection_reaches_both_with_its_words(session, mia, ben):
    report(session, ben)
    mail.outbox.clear()
    contest(session.pk, by=mia.user, comment="The link was dead.", now=REPORTED)
    deliver()
    assert heard(ben)[-1] == "Mia Lindqvist does not agree with your report"
    assert heard(mia.user)[-1] == "We have your side of Tue 3 Nov, 11:00"
    to_ben = next(letter for letter in mail.outbox if letter.to == [ben.email])
    assert "Mia Lindqvist says: The link was dead." in to_ben.body


def test_a_decision_against_the_report_tells_why(session, mia, ben, olu):
    report(session, ben)
    mail.outbox.clear()
    attendance.decide(session.pk, upheld=False, by=olu, reason="Both were there.", now=REPORTED)
    deliver()
    assert heard(ben)[-1] == "Your report about Tue 3 Nov, 05:00 is not upheld"
    assert heard(mia.user)[-1] == "The report of Ben Adler is not upheld"
    assert all("We say: Both were there." in letter.body for letter in mail.outbox)


def test_what_stands_is_told_by_what_follows(session, mia, ben):
    report(session, ben)
    mail.outbox.clear()
    assert attendance.settle_due(REPORTED + DAY) == 1
    deliver()
    assert heard(ben)[-1] == "Settled: everything goes back to you"
    assert heard(mia.user)[-1] == "Settled: Ben Adler gets everything back"
    assert len(mail.outbox) == 2


def test_a_candidate_who_did_not_come_is_told_so(mia, ben, olu):
    session = book(Wish(offer(mia, price=0).pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    say_here(session.pk, by=mia.user, now=TOMORROW)
    attendance.report_no_show(session.pk, by=mia.user, comment="", now=REPORTED)
    attendance.settle_due(REPORTED + DAY)
    deliver()
    assert heard(ben)[-1] == "Settled: you did not come to Tue 3 Nov, 05:00"
    assert heard(mia.user)[-1] == "Settled: Ben Adler did not come"


def test_a_dispute_is_told_to_both_and_upheld_like_a_missed_session(session, mia, ben, olu):
    attendance.dispute(session.pk, by=ben, reason="cut_short", comment="Ten minutes.", now=REPORTED)
    deliver()
    assert heard(ben) == ["Your dispute about Tue 3 Nov, 05:00 is with us"]
    assert heard(mia.user) == ["Ben Adler disputes your session"]
    attendance.decide(session.pk, upheld=True, by=olu, reason="Seen.", now=REPORTED)
    deliver()
    assert heard(ben)[-1] == "Settled: everything goes back to you"


def test_news_that_comes_twice_is_told_once(session, mia, ben):
    report(session, ben)
    with transaction.atomic():
        found = Report.objects.get()
        announce(ReportMade(at=REPORTED, booking_id=session.pk, report_id=found.pk))
    deliver()
    assert (len(heard(ben)), len(heard(mia.user))) == (1, 1)


def test_a_report_that_was_settled_before_its_news_came_is_told_by_what_follows(session, mia, ben):
    attendance.report_no_show(session.pk, by=ben, comment="", now=REPORTED)
    attendance.settle_due(REPORTED + DAY)
    deliver()
    assert heard(ben) == ["Settled: everything goes back to you"]


def test_strangers_hear_nothing(session, mia, ben):
    cleo = person("Cleo Moreau")
    book(Wish(mia.offers.get().pk, TOMORROW + timedelta(hours=1), "UTC", {}), candidate=cleo, now=NOW)
    deliver()
    before = heard(cleo)
    report(session, ben)
    assert heard(cleo) == before
