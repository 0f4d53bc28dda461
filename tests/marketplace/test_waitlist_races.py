"""A freed time, many who wait for it, many who do not, and news that comes twice: real threads at once."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction

from core.locks import lock
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.freed import offer_freed_time, offer_time_of
from marketplace.domain.requests import decline
from marketplace.domain.waitlist import Range, join_waitlist
from marketplace.models import Session, WaitlistEntry, WaitlistTurn
from scheduling.models import Booking
from scheduling.states import BookingState as S
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person
from tests.marketplace.test_races import all_at_once, booking
from tests.marketplace.waiting import wait
from tests.scheduling.stage import overlapping_pairs

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = ("Dan", "Eve", "Finn", "Gil", "Hal")


def given_up(what, candidate, starts_at=TOMORROW):
    """A booking whose candidate gave it up while nobody waited."""
    session = book(Wish(what.pk, starts_at, "UTC", {}), candidate=candidate, now=NOW).session
    cancel(session.pk, by=candidate, now=NOW)
    return session


def holds():
    return list(Booking.objects.filter(state=S.HELD).values_list("candidate__name", flat=True))


def test_of_five_who_wait_and_many_who_do_not_one_has_the_freed_time():
    hour = offer(coach(person("Ada Okafor")))
    people = [person(f"{name} Waiting") for name in WAITING]
    session = given_up(hour, person("Ben Adler"))
    wait(hour, *people)
    strangers = [person(f"P{number} Candidate") for number in range(5)]
    news = [lambda: offer_time_of(session.pk, now=NOW)] * 2
    answers = all_at_once(*news, *(booking(hour, one, TOMORROW) for one in strangers))
    assert len(holds()) == 1
    if holds() == ["Dan Waiting"]:
        assert [answer for answer in answers[2:] if answer != "slot_taken"] == []
        assert WaitlistTurn.objects.count() == 1
    else:
        # Somebody was faster than the news, which then finds nothing to offer, or is told to ask again.
        assert WaitlistTurn.objects.count() == 0
    assert Session.objects.count() == 2
    assert overlapping_pairs() == []


def test_the_news_twice_at_once_is_one_offer():
    hour = offer(coach(person("Ada Okafor")))
    session = given_up(hour, person("Ben Adler"))
    wait(hour, *[person(f"{name} Waiting") for name in WAITING])
    answers = all_at_once(*[lambda: offer_time_of(session.pk, now=NOW)] * 4)
    assert sorted(answers) == [0, 0, 0, 1]
    assert holds() == ["Dan Waiting"]


def test_one_person_on_the_lists_of_two_coaches_is_asked_by_one_at_a_time():
    """Two hours of two coaches become free at once, and the same two people wait for both."""
    hours = [offer(coach(person(f"{name} Coach"))) for name in ("Ada", "Bo")]
    dan, eve = person("Dan Waiting"), person("Eve Waiting")
    wait(hours[0], dan, eve)
    wait(hours[1], eve, dan)
    acts = [
        lambda hour=hour: offer_freed_time(hour.coach.user_id, TOMORROW, TOMORROW + HOUR, now=NOW)
        for hour in hours
    ]
    all_at_once(*acts)
    assert sorted(holds()) == ["Dan Waiting", "Eve Waiting"]
    assert overlapping_pairs() == []


def test_joining_twice_at_once_is_one_entry():
    hour = offer(coach(person("Ada Okafor")))
    ben = person("Ben Adler")

    def join(days):
        to_at = NOW + timedelta(days=days)
        return lambda: join_waitlist(hour, Range(to_at=to_at), by=ben, timezone="UTC", now=NOW).is_new

    answers = all_at_once(*(join(days) for days in range(1, 5)))
    assert sorted(answers) == [False, False, False, True]
    assert WaitlistEntry.objects.count() == 1


def test_who_is_just_choosing_something_else_is_asked_when_he_has_done_so():
    """His lock is not free in time: nothing is written, and the news is heard again."""
    hour = offer(coach(person("Ada Okafor")))
    dan = person("Dan Waiting")
    session = given_up(hour, person("Ben Adler"))
    wait(hour, dan)
    locked, done = Event(), Event()

    def choose():
        with transaction.atomic():
            lock("candidate", dan.pk)
            locked.set()
            done.wait(timeout=20)

    def hear():
        locked.wait(timeout=20)
        try:
            return offer_time_of(session.pk, now=NOW)
        finally:
            done.set()

    assert all_at_once(choose, hear) == [None, "slot_taken"]
    assert (holds(), WaitlistTurn.objects.count()) == ([], 0)
    assert offer_time_of(session.pk, now=NOW) == 1


def test_when_a_cancellation_is_answered_the_time_is_held_already():
    """Without waiting for the news of it: the next who asks is too late."""
    hour = offer(coach(person("Ada Okafor")))
    wait(hour, person("Dan Waiting"))
    given_up(hour, person("Ben Adler"))
    assert all_at_once(booking(hour, person("Cleo Moreau"), TOMORROW)) == ["slot_taken"]
    assert holds() == ["Dan Waiting"]


def test_cancelling_twice_offers_once():
    hour = offer(coach(person("Ada Okafor")))
    ben = person("Ben Adler")
    session = given_up(hour, ben)
    wait(hour, person("Dan Waiting"))
    cancel(session.pk, by=ben, now=NOW)
    assert holds() == []


def test_a_declined_request_is_offered_with_the_answer():
    ada = coach(person("Ada Okafor"))
    asked = offer(ada, price=0, needs_approval=True)
    session = book(Wish(asked.pk, TOMORROW, "UTC", {}), candidate=person("Ben Adler"), now=NOW).session
    wait(asked, person("Dan Waiting"))
    decline(session.pk, by=ada.user, reason="", now=NOW)
    assert holds() == ["Dan Waiting"]
