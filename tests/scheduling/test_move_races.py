"""Moves at once with each other, with tries, cancellations and answers: one winner, nothing lost."""

from collections import Counter, defaultdict
from datetime import timedelta
from random import Random

import pytest

from scheduling.domain.moving import propose_move
from scheduling.models import Booking, MoveProposal
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, open_around_the_clock, overlapping_pairs
from tests.scheduling.test_races import _people, _race, _turn

pytestmark = [pytest.mark.backend, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
LATER = TOMORROW + 5 * DAY


def counted(results):
    outcomes = defaultdict(Counter)
    for result in results:
        outcomes[result["verb"]][result["outcome"]] += 1
    return outcomes


def shuffled(turns):
    Random(3).shuffle(turns)  # noqa: S311  (a test that can be repeated)
    return turns


def test_of_many_moves_and_tries_for_one_time_one_wins(ada):
    open_around_the_clock(ada)
    people = _people(80)
    movers, others = people[:40], people[40:]
    for at, person in enumerate(movers):
        confirmed(ada, person, starts_at=TOMORROW + at * HOUR)
    turns = [_turn("move", person, ada, LATER) for person in movers]
    turns += [_turn("hold", person, ada, LATER) for person in others]
    outcomes = counted(_race(shuffled(turns)))
    moved, held = outcomes["move"]["moved"], outcomes["hold"]["held"]
    assert moved + held == 1
    assert (outcomes["move"]["slot_taken"], outcomes["hold"]["slot_taken"]) == (40 - moved, 40 - held)
    assert Booking.objects.filter(starts_at=LATER).count() == 1
    assert Booking.objects.filter(state="confirmed").count() == 40
    assert overlapping_pairs() == []


def test_one_move_sent_many_times_at_once_is_one(ada, ben):
    open_around_the_clock(ada)
    booking = confirmed(ada, ben)
    outcomes = counted(_race([_turn("move", ben, ada, LATER) for _ in range(32)]))
    assert outcomes["move"] == {"moved": 32}
    booking.refresh_from_db()
    assert (booking.starts_at, booking.sequence) == (LATER, 1)


def test_neighbours_who_want_each_others_time_never_wait_in_a_circle(ada, bo):
    people = _people(16)
    for coach in (ada, bo):
        open_around_the_clock(coach)
    for at, person in enumerate(people):
        confirmed((ada, bo)[at % 2], person, starts_at=TOMORROW + at // 2 * HOUR)
    turns = [
        _turn("move", person, starts_at=TOMORROW + (at // 2 ^ turn % 4) * HOUR + turn % 3 * DAY)
        for turn in range(12)
        for at, person in enumerate(people)
    ]
    outcomes = counted(_race(turns, patience=20))
    assert set(outcomes["move"]) <= {"moved", "slot_taken"}
    assert outcomes["move"]["moved"] > len(people)
    assert Booking.objects.filter(state="confirmed").count() == len(people)
    assert overlapping_pairs() == []


def test_moves_answers_and_cancellations_at_random_lose_and_double_nothing(ada, bo):
    people, dice = _people(24), Random(11)  # noqa: S311  (a test that can be repeated)
    for coach in (ada, bo):
        open_around_the_clock(coach)
    for at, person in enumerate(people):
        booking = confirmed((ada, bo)[at % 2], person, starts_at=TOMORROW + at * HOUR)
        propose_move(booking.pk, LATER + at // 4 * HOUR, by=booking.coach, now=NOW)
    verbs = ["move"] * 6 + ["propose"] * 3 + ["accept"] * 3 + ["cancel"]
    turns = [
        _turn(dice.choice(verbs), dice.choice(people), starts_at=TOMORROW + dice.randrange(240) * HOUR / 2)
        for _ in range(400)
    ]
    outcomes = counted(_race(turns, patience=20))
    bookings = list(Booking.objects.all())
    assert len(bookings) == len(people)
    assert {booking.state for booking in bookings} == {"confirmed", "cancelled"}
    assert overlapping_pairs() == []
    waiting = MoveProposal.objects.filter(state="open").select_related("booking")
    assert all(
        (each.booking.state, each.from_at) == ("confirmed", each.booking.starts_at) for each in waiting
    )
    assert outcomes["move"]["moved"] > 50
    assert min(outcomes["accept"]["accepted"], outcomes["propose"]["asked"]) > 3
