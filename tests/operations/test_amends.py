"""The verbs of operations refuse whoever does not work for operations, whatever their caller asked before."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.errors import ForbiddenError, NotFoundError
from core.money import Money
from marketplace.domain import attendance
from marketplace.domain.amends import decide_compensation, give_back
from marketplace.models import Compensation
from scheduling.models import Report
from tests.marketplace.cast import NOW
from tests.operations.conftest import REPORTED, reported

pytestmark = pytest.mark.django_db

TEN = Money(1_000, "usd")


def test_only_operations_give_money_back(session, ben, mia, cleo):
    for person in (ben, mia.user, cleo):
        with pytest.raises(NotFoundError):
            give_back(session.pk, TEN, by=person, reason="x", now=NOW)


def test_nobody_gives_himself_something_back(mia, olu):
    own = reported(mia, olu)
    with pytest.raises(ForbiddenError):
        give_back(own.pk, TEN, by=olu, reason="x", now=NOW)


def test_nothing_is_done_about_what_is_not_there(olu, session):
    with pytest.raises(NotFoundError):
        give_back(uuid4(), TEN, by=olu, reason="x", now=NOW)
    with pytest.raises(NotFoundError):
        decide_compensation(1, granted=True, by=olu, reason="x", now=NOW)
    with pytest.raises(NotFoundError):
        attendance.decide(uuid4(), upheld=True, by=olu, reason="x", now=REPORTED)


def test_only_operations_decide_a_compensation(session, ben, mia):
    owed = Compensation.objects.create(
        session=session, coach=mia.user, candidate=ben, amount=1_200, currency="usd", asked_at=NOW
    )
    for person in (ben, mia.user):
        with pytest.raises(NotFoundError):
            decide_compensation(owed.pk, granted=True, by=person, reason="x", now=NOW)
    owed.refresh_from_db()
    assert owed.granted_at is None


def test_a_report_reads_as_what_it_is(session):
    assert str(Report.objects.get()) == "no_show by the candidate, contested"
