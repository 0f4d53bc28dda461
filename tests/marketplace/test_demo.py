"""The demo balances, has everybody one signs in as, and does not grow when it is made again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from marketplace.models import Coach, Review, Scorecard, Session
from scheduling.models import Report
from scheduling.states import BookingState

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def seed():
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def test_the_demo_is_believable_and_its_money_balances(stripe):
    seed()
    assert Coach.objects.live().count() >= 24
    assert Coach.objects.values("user__schedule__timezone").distinct().count() >= 8
    for name in ("ada", "mia", "ben", "cleo", "dan", "uma", "olu"):
        assert User.objects.get(email=f"{name}@demo.test").check_password("demo-password")
    assert User.objects.get(email="olu@demo.test").is_staff
    states = set(Session.objects.values_list("booking__state", flat=True))
    assert states >= {
        BookingState.HELD,
        BookingState.REQUESTED,
        BookingState.CONFIRMED,
        BookingState.COMPLETED,
        BookingState.CANCELLED,
        BookingState.NO_SHOW_CANDIDATE,
        BookingState.NO_SHOW_COACH,
    }
    assert [report.kind for report in Report.objects.undecided()] == ["dispute"]
    assert Review.objects.count() > 30
    assert Scorecard.objects.count() > 30
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "invariants hold" in out.getvalue()
    before = Session.objects.count()
    seed()
    assert Session.objects.count() == before


def test_the_demo_is_not_made_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="known to everybody"):
        seed()
    assert not User.objects.exists()
