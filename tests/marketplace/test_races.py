"""Two at once: real threads against real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from core.errors import DomainError
from marketplace.domain.booking import Wish, book
from marketplace.models import Session
from payments.models import Order
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person

pytestmark = [pytest.mark.backend, pytest.mark.django_db(transaction=True)]

MANY = 6


def all_at_once(*acts):
    """Run each in a thread of its own, started together; what each answered, or the code of its refusal."""
    gate = Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except DomainError as refusal:
            return refusal.extra.get("reason", refusal.code)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def booking(what, candidate, starts_at):
    return lambda: book(Wish(what.pk, starts_at, "UTC", {}), candidate=candidate, now=NOW).is_new


def test_of_many_tries_for_one_slot_one_wins_and_only_it_has_an_order():
    hour = offer(coach(person("Ada Okafor")))
    people = [person(f"P{number} Candidate") for number in range(MANY)]
    answers = all_at_once(*(booking(hour, one, TOMORROW) for one in people))
    assert sorted(map(str, answers)) == ["True", *["slot_taken"] * (MANY - 1)]
    assert (Session.objects.count(), Order.objects.count()) == (1, 1)


def test_one_press_twice_is_one_booking():
    hour = offer(coach(person("Ada Okafor")))
    ben = person("Ben Adler")
    answers = all_at_once(*[booking(hour, ben, TOMORROW)] * 2)
    assert sorted(answers) == [False, True]
    assert Session.objects.count() == 1


def test_the_third_mentor_session_is_refused_though_all_come_at_once():
    mentors = [coach(person(f"{name} Mentor"), kind="mentor") for name in ("Mia", "Noor", "Olu")]
    chats = [offer(mentor, price=0, minutes=30) for mentor in mentors]
    ben = person("Ben Adler")
    acts = [booking(chat, ben, TOMORROW + HOUR * number) for number, chat in enumerate(chats)]
    assert sorted(map(str, all_at_once(*acts))) == ["True", "True", "candidate_limit"]
    assert Session.objects.count() == 2


def test_a_mentors_last_place_is_given_once():
    mia = coach(person("Mia Mentor"), kind="mentor", monthly_quota=1)
    chat = offer(mia, price=0, minutes=30)
    people = [person(f"P{number} Candidate") for number in range(3)]
    acts = [booking(chat, one, TOMORROW + HOUR * number) for number, one in enumerate(people)]
    assert sorted(map(str, all_at_once(*acts))) == ["True", "quota", "quota"]
