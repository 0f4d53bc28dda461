"""Who waits for a time gets it first, in order, as a hold of half an hour (rules/scheduling.md 18)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from core.events import announce
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.freed import offer_freed_time, offer_time_of
from marketplace.domain.requests import decline
from marketplace.models import Session, WaitlistEntry, WaitlistTurn
from scheduling.domain.conflicts import SlotTakenError
from scheduling.events import TimeFreed
from scheduling.models import Booking
from scheduling.states import BookingState as S
from tests.marketplace.cast import HOUR, NOW, TOMORROW, coach, offer, person
from tests.marketplace.waiting import HALF_HOUR, booked, deliver, give_up, held, is_free, let_run_out, wait

pytestmark = pytest.mark.django_db

IN_THREE_DAYS = TOMORROW + timedelta(days=2)


@pytest.fixture
def people(db):
    """Who waits, in the order of asking."""
    return [person(f"{name} Waiting") for name in ("Dan", "Eve", "Finn", "Gil", "Hal")]


def test_a_cancelled_time_is_held_for_the_first_who_waits(ada, hour, ben, people):
    wait(hour, *people)
    give_up(booked(hour, ben))
    assert held() == [("Dan", TOMORROW, NOW + HALF_HOUR)]
    assert not is_free(ada)
    booking = Booking.objects.get(state=S.HELD)
    assert (booking.from_waitlist, booking.timezone) == (True, "Europe/Berlin")
    assert WaitlistTurn.objects.get().booking == booking


def test_while_it_is_offered_it_belongs_to_nobody_else(hour, ben, cleo, people):
    wait(hour, *people)
    give_up(booked(hour, ben))
    with pytest.raises(SlotTakenError):
        booked(hour, cleo)
    # Not even to who waits, too, and comes later.
    with pytest.raises(SlotTakenError):
        booked(hour, people[1])


def test_what_was_not_taken_goes_to_the_next_who_waits_and_not_to_who_passes_by(ada, hour, ben, cleo, people):
    wait(hour, *people)
    give_up(booked(hour, ben))
    lapsed = NOW + HALF_HOUR
    assert not is_free(ada, now=lapsed)
    with pytest.raises(SlotTakenError):
        booked(hour, cleo, now=lapsed)
    let_run_out(lapsed)
    assert held() == [("Eve", TOMORROW, lapsed + HALF_HOUR)]


def test_who_is_offered_a_time_takes_it_by_choosing_it(hour, ben, people):
    wait(hour, *people)
    give_up(booked(hour, ben))
    again = book(Wish(hour.pk, TOMORROW, "UTC", {}), candidate=people[0], now=NOW)
    assert (again.is_new, again.session.booking.from_waitlist) == (False, True)


def test_who_does_not_answer_is_passed_over_and_after_three_the_time_is_public(ada, hour, ben, cleo, people):
    wait(hour, *people)
    give_up(booked(hour, ben))
    for turn, name in enumerate(("Dan", "Eve", "Finn")):
        at = NOW + turn * HALF_HOUR
        assert held() == [(name, TOMORROW, at + HALF_HOUR)]
        let_run_out(at + HALF_HOUR)
    at = NOW + 3 * HALF_HOUR
    assert held() == []
    assert is_free(ada, now=at)
    assert booked(hour, cleo, now=at).booking.state == S.HELD


def test_each_entry_gets_each_freed_time_once(hour, ben, people):
    wait(hour, people[0])
    give_up(booked(hour, ben))
    let_run_out(NOW + HALF_HOUR)
    assert held() == []
    later = booked(hour, ben, IN_THREE_DAYS)
    give_up(later, NOW + HALF_HOUR)
    assert held() == [("Dan", IN_THREE_DAYS, NOW + HOUR)]


def test_a_time_that_was_taken_and_freed_again_is_offered_to_the_next_three(hour, ben, cleo, people):
    wait(hour, *people)
    give_up(booked(hour, ben))
    for turn in range(3):
        let_run_out(NOW + (turn + 1) * HALF_HOUR)
    at = NOW + 2 * HOUR
    give_up(booked(hour, cleo, now=at), at)
    assert held() == [("Gil", TOMORROW, at + HALF_HOUR)]


def test_who_is_busy_then_is_passed_over(ada, hour, ben, people):
    wait(hour, *people)
    elsewhere = offer(coach(person("Zoe Elsewhere")), price=0)
    booked(elsewhere, people[0])
    give_up(booked(hour, ben))
    assert held() == [("Eve", TOMORROW, NOW + HALF_HOUR)]
    turns = WaitlistTurn.objects.order_by("pk")
    assert [(turn.entry.candidate.name, turn.booking is not None) for turn in turns] == [
        ("Dan Waiting", False),
        ("Eve Waiting", True),
    ]


def test_who_may_have_no_more_sessions_is_passed_over(mia, ben, people):
    chat = offer(mia, price=0, minutes=30)
    wait(chat, *people)
    others = [offer(coach(person(f"{name} Mentor"), kind="mentor"), price=0) for name in ("Noor", "Ola")]
    for day, other in enumerate(others, start=1):
        booked(other, people[0], TOMORROW + timedelta(days=day))
    give_up(booked(chat, ben))
    assert held() == [("Eve", TOMORROW, NOW + HALF_HOUR)]


def test_an_offer_that_was_let_go_is_none_of_the_mentored_sessions(mia, ben, people):
    dan = people[0]
    chat = offer(mia, price=0, minutes=30)
    wait(chat, dan)
    for day in range(2):
        give_up(booked(chat, ben, TOMORROW + timedelta(days=day)))
        Booking.objects.filter(candidate=ben).update(created_at=NOW - timedelta(days=31))
    for offered in Session.objects.filter(booking__from_waitlist=True):
        cancel(offered.pk, by=dan, now=NOW)
    assert booked(chat, dan, TOMORROW + 2 * HOUR).booking.state == S.CONFIRMED


def test_inside_the_notice_the_time_is_public(ada, hour, ben, people):
    wait(hour, *people)
    session = booked(hour, ben)
    give_up(session, TOMORROW - 11 * HOUR)
    assert held() == []
    assert not WaitlistTurn.objects.exists()


def test_a_range_is_kept_to(hour, ben, people):
    dan, eve, finn, *_ = people
    wait(hour, dan, from_at=TOMORROW + HOUR)
    wait(hour, eve, to_at=TOMORROW)
    wait(hour, finn, from_at=TOMORROW, to_at=TOMORROW + timedelta(minutes=1))
    give_up(booked(hour, ben))
    assert held() == [("Finn", TOMORROW, NOW + HALF_HOUR)]


def test_who_left_or_whose_range_is_over_waits_no_longer(hour, ben, people):
    dan, eve, finn, *_ = people
    wait(hour, dan, eve, finn)
    WaitlistEntry.objects.filter(candidate=dan).update(left_at=NOW)
    WaitlistEntry.objects.filter(candidate=eve).update(to_at=NOW)
    give_up(booked(hour, ben))
    assert [who for who, *_ in held()] == ["Finn"]


def test_who_gave_the_time_up_is_not_asked_whether_he_wants_it(hour, ben, people):
    wait(hour, ben, people[0])
    give_up(booked(hour, ben))
    assert [who for who, *_ in held()] == ["Dan"]


def test_an_offer_releases_no_other_hold_and_is_none_of_the_three(ada, hour, ben, people):
    dan = people[0]
    wait(hour, dan)
    for day in range(2):
        booked(offer(coach(person(f"Seller{day} Elsewhere"))), dan, IN_THREE_DAYS + day * HOUR)
    session = booked(hour, ben)
    booked(hour, dan, TOMORROW + 2 * HOUR)
    give_up(session)
    assert [start for who, start, _ in held() if who == "Dan"] == [
        TOMORROW,
        TOMORROW + 2 * HOUR,
        IN_THREE_DAYS,
        IN_THREE_DAYS + HOUR,
    ]


def test_an_offer_does_not_count_when_its_owner_holds_something_else(ada, hour, ben, people):
    dan = people[0]
    wait(hour, dan)
    give_up(booked(hour, ben))
    for day in range(3):
        booked(offer(coach(person(f"Seller{day} Elsewhere"))), dan, IN_THREE_DAYS + day * HOUR)
    assert len(held()) == 4


def test_a_hold_that_ran_out_and_a_request_that_was_declined_free_their_time(ada, hour, ben, people):
    asked = offer(ada, price=0, needs_approval=True, name="Asked")
    wait(hour, *people)
    request = booked(asked, ben)
    decline(request.pk, by=ada.user, reason="", now=NOW)
    deliver()
    assert [who for who, *_ in held()] == ["Dan"]
    booked(hour, ben, IN_THREE_DAYS)
    # Both run out: Dan's offer goes to Eve; Ben's hold was never his, and is Dan's turn.
    let_run_out(NOW + HALF_HOUR)
    assert held() == [("Eve", TOMORROW, NOW + HOUR), ("Dan", IN_THREE_DAYS, NOW + HOUR)]


def test_a_moved_away_time_is_offered(hour, people):
    wait(hour, *people)
    with transaction.atomic():
        announce(TimeFreed(at=NOW, coach_id=hour.coach.user_id, from_at=TOMORROW, to_at=TOMORROW + HOUR))
    deliver()
    assert held() == [("Dan", TOMORROW, NOW + HALF_HOUR)]


def test_an_hour_serves_two_who_wait_for_half_of_it(ada, hour, ben, people):
    short = offer(ada, price=6_000, minutes=30)
    wait(short, *people[:2])
    wait(hour, people[2], first=NOW + HOUR)
    give_up(booked(hour, ben))
    assert held() == [
        ("Dan", TOMORROW, NOW + HALF_HOUR),
        ("Eve", TOMORROW + HALF_HOUR, NOW + HALF_HOUR),
    ]


def test_a_longer_session_may_use_the_freed_time_with_what_lies_beside_it(ada, hour, ben, people):
    long = offer(ada, price=20_000, minutes=120)
    wait(long, people[0])
    give_up(booked(hour, ben))
    assert held() == [("Dan", TOMORROW, NOW + HALF_HOUR)]


def test_news_that_comes_twice_is_one_offer(hour, ben, people):
    wait(hour, *people)
    session = booked(hour, ben)
    give_up(session)
    assert offer_time_of(session.pk, now=NOW) == 0
    assert len(held()) == 1


def test_a_time_that_is_taken_again_or_over_is_no_news(ada, hour, ben, cleo, people):
    session = booked(hour, ben)
    cancel(session.pk, by=ben, now=NOW)
    wait(hour, *people)
    booked(hour, cleo)
    assert offer_time_of(session.pk, now=NOW) == 0
    live = Booking.objects.get(candidate=cleo)
    assert offer_time_of(live.pk, now=NOW) == 0
    assert offer_freed_time(ada.user_id, TOMORROW, TOMORROW + HOUR, now=TOMORROW + HOUR) == 0


def test_nobody_who_waits_is_nobody_who_is_asked(ada, hour, ben, django_assert_num_queries):
    session = booked(hour, ben)
    cancel(session.pk, by=ben, now=NOW)
    with django_assert_num_queries(4):
        offer_time_of(session.pk, now=NOW)


def test_a_coach_who_stopped_selling_offers_nothing(ada, hour, ben, people):
    wait(hour, *people)
    session = booked(hour, ben)
    hour.active = False
    hour.save()
    give_up(session)
    assert held() == []
