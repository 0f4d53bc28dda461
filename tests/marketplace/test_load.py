"""The load is as right as real rows: what the search finds, a coach's own slots confirm."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace.models import Coach
from marketplace.queries.directory import Filters, search
from scheduling.models import Booking
from scheduling.queries.slots import open_starts
from tests.marketplace.cast import NOW

pytestmark = pytest.mark.django_db


def seed(coaches, bookings):
    out = StringIO()
    call_command("seed_load", coaches=coaches, bookings=bookings, stdout=out)
    return out.getvalue()


def test_clones_are_free_exactly_when_their_own_slots_say_so():
    assert "60 coaches" in seed(60, 2_000)
    assert 1_900 <= Booking.objects.count() <= 2_000
    asked = (NOW + timedelta(days=3), NOW + timedelta(days=3, hours=6))
    found = set(search(Filters(free_between=asked), now=NOW).values_list("user_id", flat=True))
    free = {
        coach.user_id
        for coach in Coach.objects.all()
        if open_starts(coach.user_id, duration_minutes=60, from_at=asked[0], to_at=asked[1], now=NOW)
    }
    assert found == free
    assert 0 < len(found) < 60


def test_a_load_is_made_once():
    seed(3, 0)
    with pytest.raises(CommandError, match="already"):
        seed(3, 0)


@pytest.mark.parametrize(("coaches", "bookings"), [(0, 1), (1, -1)])
def test_nonsense_is_refused(coaches, bookings):
    with pytest.raises(CommandError, match="At least"):
        seed(coaches, bookings)
