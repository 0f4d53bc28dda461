"""Random histories, lived by many processes at once against PostgreSQL, and what is true at their end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from accounts.models import User
from core import clock
from core.models import AuditLine, OutboxMessage
from core.outbox import deliver
from integrations.sealing import seal
from scheduling.domain.completing import expire_due
from scheduling.domain.holds import unguard
from scheduling.domain.moving import lapse_due
from scheduling.domain.schedules import replace_availability, sell_from
from scheduling.models import Booking, ConnectedCalendar, FreeTimes, MoveProposal
from scheduling.queries.free import free_between
from scheduling.queries.slots import open_starts
from scheduling.rules.availability_input import parse_availability
from scheduling.states import TRANSITIONS, BookingState, CalendarKind, ProposalState
from tests.scheduling.stage import HOUR, NOW, TOMORROW, all_day, overlapping_pairs
from tests.scheduling.test_races import _race

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TURNS = 700
MINUTE = timedelta(minutes=1)
VERBS = {
    "hold": 12,
    "series": 5,
    "confirm": 8,
    "guard": 3,
    "close": 2,
    "extend": 1,
    "cancel": 3,
    "confirm_late": 3,
    "move": 6,
    "propose": 3,
    "accept": 3,
    "sync": 2,
    "restate": 1,
    "sweep": 2,
}
STATES = set(BookingState.values)


@pytest.fixture
def coaches(ada, bo):
    """Two who are open around the clock and have a calendar elsewhere."""
    for coach in (ada, bo):
        stated = parse_availability(all_day(), default_timezone="UTC")
        replace_availability(coach, stated, by=coach, now=NOW)
        sell_from(coach, 60, now=NOW)
        calendar = ConnectedCalendar(
            owner=coach, kind=CalendarKind.ICS, name="Mine", address=seal("https://a.test"), connected_at=NOW
        )
        calendar.note_sync(read_until=NOW + 100 * 24 * HOUR, now=NOW)
        calendar.save()
    return ada, bo


@pytest.mark.parametrize("seed", [3, 4])
def test_whatever_happens_at_once_is_one_history(coaches, seed):
    told = _race(_turns(coaches, seed), patience=30, worker="history_worker")

    _nobody_is_double_booked()
    _every_row_is_the_end_of_a_legal_history()
    _nothing_that_was_told_is_lost(told)
    _a_series_is_released_as_one()
    later = NOW + 3 * HOUR
    _the_jobs_leave_no_orphan(later)
    _nobody_is_double_booked()
    _the_search_agrees_with_the_slots(coaches, later)


def _turns(coaches, seed):
    dice = Random(seed)  # noqa: S311  (a test that can be repeated)
    people = User.objects.bulk_create(User(email=f"person{n}@demo.test", timezone="UTC") for n in range(24))
    verbs = dice.choices(list(VERBS), weights=list(VERBS.values()), k=TURNS)
    return [
        {
            "verb": verb,
            "candidate": dice.choice(people).pk,
            "coach": dice.choice(coaches).pk,
            "starts_at": (TOMORROW + dice.randrange(144) * HOUR / 2).isoformat(),
            # The clock goes on, and no two machines agree about it.
            "now": (NOW + number * 2 * HOUR / TURNS + dice.randrange(90) * MINUTE / 60).isoformat(),
        }
        for number, verb in enumerate(verbs)
    ]


def _nobody_is_double_booked():
    assert overlapping_pairs() == []


def _every_row_is_the_end_of_a_legal_history():
    for booking in Booking.objects.all():
        lines = _trail(booking)
        states = [line.action for line in lines if line.action in STATES]
        assert states[0] == BookingState.HELD
        assert all(after in TRANSITIONS[before] for before, after in pairwise(states)), states
        assert booking.state == states[-1]
        moves = [line.reason for line in lines if line.action == "moved"]
        assert (booking.period.lower, booking.period.upper) == (booking.starts_at, booking.ends_at)
        assert not moves or moves[-1].endswith(booking.starts_at.isoformat())
        assert booking.sequence >= len(moves)


def _trail(booking):
    """In the order in which its row was locked, whatever each clock said."""
    return list(AuditLine.objects.filter(subject__endswith=str(booking.pk)).order_by("id"))


def _nothing_that_was_told_is_lost(told):
    """Whoever was told a state finds it in the history of that booking."""
    outcomes = Counter()
    for each in told:
        words = each["outcome"].split()
        for state, pk in zip(words[::2], words[1::2], strict=False):
            if state in STATES:
                outcomes[each["verb"], state] += 1
                assert AuditLine.objects.filter(subject__endswith=pk, action=state).exists(), each
    for needed in (("hold", "held"), ("series", "held"), ("confirm", "confirmed"), ("move", "confirmed")):
        assert outcomes[needed] > 5, outcomes
    moved = AuditLine.objects.filter(action="moved").count()
    # To the time that it has is no move, though it is answered like one.
    assert 0 < moved <= outcomes["move", "confirmed"] + outcomes["accept", "confirmed"]


def _a_series_is_released_as_one():
    """Nothing of it stays held when its candidate gave it up; what had lapsed may have expired one by one."""
    unpaid = Booking.objects.filter(series__isnull=False, confirmed_at__isnull=True)
    held = unpaid.filter(state=BookingState.HELD).values_list("series", flat=True)
    released = unpaid.filter(state=BookingState.CANCELLED).values_list("series", flat=True)
    assert set(held) & set(released) == set()


def _the_jobs_leave_no_orphan(later):
    for pk in Booking.objects.lapsed(later).filter(guarded=True).values_list("pk", flat=True):
        unguard(pk, now=later)
    while expire_due(later):
        pass
    lapse_due(NOW + 30 * 24 * HOUR)
    assert not Booking.objects.filter(state=BookingState.HELD).exists()
    assert not MoveProposal.objects.filter(state=ProposalState.OPEN).exists()


def _the_search_agrees_with_the_slots(coaches, later):
    with clock.frozen_at(later):
        messages = OutboxMessage.objects.filter(
            subscriber="scheduling.subscribers.keep_free_times", delivered_at__isnull=True
        )
        for pk in messages.values_list("pk", flat=True):
            assert deliver(pk, now=later)
    ConnectedCalendar.objects.update(stale_at=later + HOUR)
    assert FreeTimes.objects.count() == len(coaches)
    for number in range(160):
        from_at, to_at = TOMORROW + number * HOUR / 2, TOMORROW + (number + 1) * HOUR / 2
        shown = {
            coach.pk
            for coach in coaches
            if open_starts(coach.pk, duration_minutes=60, from_at=from_at, to_at=to_at, now=later)
        }
        assert set(free_between(from_at, to_at, now=later)) == shown
