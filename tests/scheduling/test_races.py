"""Many at once against real PostgreSQL: one winner, nobody waits, nobody deadlocks, nothing overlaps."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from django.db import connection, transaction

from accounts.models import User
from core.locks import lock
from scheduling.domain.confirming import confirm_booking
from scheduling.domain.holds import SlotTakenError
from scheduling.domain.tries import LONGEST_WAIT
from scheduling.models import Booking
from tests.scheduling.stage import (
    HOUR,
    NOW,
    TOMORROW,
    held,
    hold,
    open_around_the_clock,
    overlapping_pairs,
    state_of,
)

pytestmark = [pytest.mark.backend, pytest.mark.django_db(transaction=True)]
HOUSE = Path(__file__).resolve().parents[2]
PROCESSES, THREADS = 8, 2
CROWD = 10  # threads of each process: eighty tries at a time, near what PostgreSQL admits by default


def _race(turns, *, patience=1, threads=THREADS, worker="race_worker"):
    """``patience`` is how many seconds a statement may take."""
    plan = {
        "patience": patience,
        "database": connection.settings_dict["NAME"],
        "processes": PROCESSES,
        "threads": threads,
        "turns": turns,
    }
    before = _deadlocks()
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.scheduling.{worker}"],
        cwd=HOUSE,
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    results = json.loads(ran.stdout)
    assert len(results) == len(turns), ran.stderr
    assert _deadlocks() == before
    return results


def _deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def _people(count):
    return User.objects.bulk_create(User(email=f"person{n}@demo.test", timezone="UTC") for n in range(count))


def _turn(verb, candidate, coach=None, starts_at=None, now=NOW):
    return {
        "verb": verb,
        "candidate": candidate.pk,
        "coach": coach and coach.pk,
        "starts_at": starts_at and starts_at.isoformat(),
        "now": now.isoformat(),
    }


def test_of_two_hundred_tries_for_one_slot_one_wins_and_the_others_hear_of_three_more(ada):
    open_around_the_clock(ada)
    results = _race([_turn("hold", person, ada, TOMORROW) for person in _people(200)], threads=CROWD)
    assert Counter(result["outcome"] for result in results) == {"held": 1, "slot_taken": 199}
    assert {tuple(result["alternatives"]) for result in results if result["outcome"] == "slot_taken"} == {
        ("2026-11-03T08:30:00Z", "2026-11-03T09:00:00Z", "2026-11-03T11:00:00Z")
    }
    assert Booking.objects.get().starts_at == TOMORROW


def test_of_overlapping_ranges_those_win_that_can_stand_side_by_side(ada):
    open_around_the_clock(ada, buffer_after_minutes=15, slot_interval_minutes=15)
    starts = [TOMORROW + timedelta(minutes=15 * (n % 9)) for n in range(200)]
    turns = [_turn("hold", person, ada, start) for person, start in zip(_people(200), starts, strict=True)]
    outcomes = Counter(result["outcome"] for result in _race(turns, threads=CROWD))
    assert outcomes == {"held": Booking.objects.count(), "slot_taken": 200 - Booking.objects.count()}
    # Two hours of starts, 75 minutes each: one at the very least, two at the very most.
    assert 1 <= outcomes["held"] <= 2
    assert overlapping_pairs() == []


def test_those_who_swap_their_slots_never_wait_in_a_circle(ada):
    open_around_the_clock(ada)
    people = _people(PROCESSES * THREADS)
    for at, person in enumerate(people):
        held(ada, person, starts_at=TOMORROW + at * HOUR, now=NOW - timedelta(minutes=11))
    # Round after round all earlier holds have lapsed, and each neighbour wants the other's slot: both have
    # to close their own hold and the other's, at the same time.
    turns = [
        _turn("hold", person, ada, TOMORROW + (at ^ turn % 2) * HOUR, NOW + timedelta(minutes=11 * turn))
        for turn in range(1, 13)
        for at, person in enumerate(people)
    ]
    outcomes = Counter(result["outcome"] for result in _race(turns, patience=20))
    assert set(outcomes) <= {"held", "slot_taken"}
    assert outcomes["held"] > len(people)
    assert overlapping_pairs() == []


def test_a_thousand_random_turns_leave_no_overlapping_pair(ada, bo):
    for coach in (ada, bo):
        open_around_the_clock(coach)
    people = _people(40)
    dice = Random(7)  # noqa: S311  (a test that can be repeated)
    verbs = ["hold"] * 7 + ["confirm", "confirm_late", "cancel", "sweep"]
    turns = [
        _turn(
            dice.choice(verbs),
            dice.choice(people),
            dice.choice([ada, bo]),
            TOMORROW + dice.randrange(48) * HOUR / 2,
            NOW + timedelta(minutes=dice.randrange(30)),
        )
        for _ in range(1000)
    ]
    # Of holds alone a second is promised; a confirmation may queue behind all of them.
    results = _race(turns, patience=20)
    assert overlapping_pairs() == []
    outcomes = {verb: Counter() for verb in verbs}
    for result in results:
        outcomes[result["verb"]][result["outcome"]] += 1
    assert outcomes["hold"]["held"] > 50
    assert outcomes["confirm"]["confirmed"] > 5
    assert outcomes["cancel"]["cancelled"] > 5


def test_who_pays_while_a_try_is_at_the_door_keeps_the_slot(ada, ben, cleo):
    open_around_the_clock(ada)
    lapsed = held(ada, cleo, now=NOW - timedelta(minutes=11))
    answers = []

    def try_it():
        try:
            hold(ada, ben)
        except SlotTakenError as taken:
            answers.append(taken.code)
        finally:
            connection.close()

    thread = Thread(target=try_it)
    with transaction.atomic():
        confirm_booking(lapsed.pk, now=NOW)
        thread.start()
        _until_it_waits_for_a_row(thread)
    thread.join()
    assert answers == ["slot_taken"]
    assert (state_of(lapsed), Booking.objects.count()) == ("confirmed", 1)


def _until_it_waits_for_a_row(thread):
    with connection.cursor() as cursor:
        waiting = 0
        while thread.is_alive() and not waiting:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            [waiting] = cursor.fetchone()


def test_a_try_that_would_wait_too_long_is_answered_as_taken(ada, ben):
    open_around_the_clock(ada)
    answers = []

    def try_it():
        try:
            hold(ada, ben)
        except SlotTakenError as taken:
            answers.append(taken.alternatives)
        finally:
            connection.close()

    with transaction.atomic():
        lock("coach", ada.pk)
        thread = Thread(target=try_it)
        thread.start()
        # It ends while the lock is still held.
        thread.join()
    assert answers == [[TOMORROW - HOUR / 2, TOMORROW, TOMORROW + HOUR / 2]]
    assert timedelta(seconds=1) > LONGEST_WAIT
    assert hold(ada, ben).is_new
