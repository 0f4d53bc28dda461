"""The booking machine against PostgreSQL, driven at random, beside a model of it that is slow and obvious."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from core.errors import DomainError
from scheduling.domain.cancelling import cancel_booking
from scheduling.domain.completing import complete_due, expire_due
from scheduling.domain.confirming import confirm_booking, confirm_late
from scheduling.domain.holds import extend_hold, guard, unguard
from scheduling.models import Booking
from scheduling.states import LIVE
from tests.scheduling.stage import NOW, PAID, open_around_the_clock, overlapping_pairs
from tests.scheduling.stage import hold as try_to_hold

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOTICE = timedelta(hours=12)
BUFFER = timedelta(minutes=10)
FIRST = NOW + NOTICE
coaches, candidates = st.integers(0, 1), st.integers(0, 2)
picks = st.integers(0, 50)


@dataclass
class Believed:
    """What the model believes of one booking."""

    pk: UUID
    coach: int
    candidate: int
    starts_at: datetime
    expires_at: datetime
    state: str = "held"
    guarded: bool = False
    extended: bool = False

    def collides_with_coach_at(self, starts_at):
        return abs(self.starts_at - starts_at) < HOUR + 2 * BUFFER

    def collides_with_candidate_at(self, starts_at):
        return abs(self.starts_at - starts_at) < HOUR


class BookingMachine(RuleBasedStateMachine):
    """Two coaches, three candidates, a day of slots, and a clock that only goes forward."""

    @initialize()
    def open_the_house(self):
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now, self.believed = NOW, []
        self.coaches = [User.objects.create(email=f"coach{n}@demo.test", name=f"C{n}") for n in range(2)]
        self.candidates = [User.objects.create(email=f"person{n}@demo.test") for n in range(3)]
        for coach in self.coaches:
            open_around_the_clock(coach, buffer_before_minutes=10, buffer_after_minutes=10)

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # What may happen

    @rule(coach=coaches, candidate=candidates, half_hours=st.integers(0, 5), paying=st.booleans())
    def hold(self, coach, candidate, half_hours, paying):
        starts_at = FIRST + half_hours * HOUR / 2
        expected = self._expected(coach, candidate, starts_at)
        outcome, made = self._try(coach, candidate, starts_at)
        assert outcome == expected
        if outcome == "held":
            self._close_in_passing(coach, candidate, starts_at)
            expires_at = self.now + timedelta(minutes=10)
            self.believed.append(Believed(made.pk, coach, candidate, starts_at, expires_at))
            if paying:
                self.ask_for_payment(len(self.believed) - 1)

    @rule(minutes=st.sampled_from([1, 9, 10, 10, 60]))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def pay(self, pick):
        booking = self._pick(pick)
        may = booking.state in {"held", "confirmed"}
        assert self._does(confirm_booking, booking, now=self.now) is may
        if may:
            booking.state = "confirmed"

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def pay_late(self, pick):
        booking = self._pick(pick)
        may = booking.state == "confirmed" or self._can_come_back(booking)
        assert self._does(confirm_late, booking, now=self.now) is may
        if may and booking.state == "expired":
            for rival in self._rivals(booking.coach, booking.candidate, booking.starts_at):
                rival.state = "expired"
            booking.state = "confirmed"

    @precondition(lambda self: self.believed)
    @rule(pick=picks, by_coach=st.booleans())
    def cancel(self, pick, by_coach):
        booking = self._pick(pick)
        people, index = (self.coaches, booking.coach) if by_coach else (self.candidates, booking.candidate)
        may = booking.state == "cancelled" or (
            booking.state in LIVE
            and self.now < booking.starts_at
            and not (by_coach and booking.state == "held")
        )
        assert self._does(cancel_booking, booking, by=people[index], now=self.now) is may
        if may:
            booking.state = "cancelled"

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def ask_for_payment(self, pick):
        booking = self._pick(pick)
        may = self._unexpired(booking)
        assert self._does(guard, booking, now=self.now) is may
        booking.guarded |= may

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def close_the_payment(self, pick):
        booking = self._pick(pick)
        assert self._does(unguard, booking, now=self.now)
        booking.guarded = False

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def extend(self, pick):
        booking = self._pick(pick)
        may = self._unexpired(booking)
        assert self._does(extend_hold, booking, by=self.candidates[booking.candidate], now=self.now) is may
        if may and not booking.extended:
            booking.extended = True
            booking.expires_at += timedelta(minutes=5)

    @rule()
    def a_minute_strikes(self):
        expire_due(self.now)
        complete_due(self.now)
        for booking in self.believed:
            if self._clearable(booking):
                booking.state = "expired"
            elif booking.state == "confirmed" and booking.starts_at + HOUR <= self.now:
                booking.state = "completed"

    # What is always true

    @invariant()
    def nobody_is_double_booked(self):
        assert overlapping_pairs() == []

    @invariant()
    def the_rows_are_what_the_model_believes(self):
        rows = Booking.objects.filter(pk__in=[booking.pk for booking in self.believed])
        believed = {booking.pk: (booking.state, booking.expires_at) for booking in self.believed}
        assert {row.pk: (row.state, row.hold_expires_at) for row in rows} == believed
        assert Booking.objects.count() == len(believed)

    # The model

    def _expected(self, coach, candidate, starts_at):
        own = [each for each in self._held_with(coach, candidate) if self._unexpired(each)]
        if any(each.starts_at == starts_at for each in own):
            return "again"
        rivals = [
            each
            for each in self._rivals(coach, candidate, starts_at)
            if each not in own and not self._clearable(each)
        ]
        if any(each.coach == coach for each in rivals):
            return "slot_taken"
        if rivals:
            return "candidate_busy"
        if self._spent(coach, starts_at):
            return "slot_taken"
        return "slot_unavailable" if starts_at < self.now + NOTICE else "held"

    def _close_in_passing(self, coach, candidate, starts_at):
        for each in self._rivals(coach, candidate, starts_at) + self._held_with(coach, candidate):
            if self._clearable(each):
                each.state = "expired"
            elif self._unexpired(each):
                each.state = "cancelled"

    def _can_come_back(self, booking):
        rivals = self._rivals(booking.coach, booking.candidate, booking.starts_at)
        return (
            booking.state == "expired"
            and self.now < booking.starts_at
            and all(self._clearable(each) for each in rivals)
        )

    def _rivals(self, coach, candidate, starts_at):
        return [
            each
            for each in self.believed
            if each.state in LIVE
            and (
                (each.coach == coach and each.collides_with_coach_at(starts_at))
                or (each.candidate == candidate and each.collides_with_candidate_at(starts_at))
            )
        ]

    def _spent(self, coach, starts_at):
        return (
            any(
                each.state == "completed" and each.coach == coach and each.collides_with_coach_at(starts_at)
                for each in self.believed
            )
            and starts_at >= self.now + NOTICE
        )

    def _held_with(self, coach, candidate):
        return [
            each
            for each in self.believed
            if (each.state, each.coach, each.candidate) == ("held", coach, candidate)
        ]

    def _unexpired(self, booking):
        return booking.state == "held" and self.now < booking.expires_at

    def _clearable(self, booking):
        return booking.state == "held" and self.now >= booking.expires_at and not booking.guarded

    # The machine

    def _pick(self, pick):
        return self.believed[pick % len(self.believed)]

    def _try(self, coach, candidate, starts_at):
        try:
            made = try_to_hold(self.coaches[coach], self.candidates[candidate], starts_at, PAID, self.now)
        except DomainError as refusal:
            return refusal.code, None
        return ("held" if made.is_new else "again"), made.booking

    def _does(self, verb, booking, **arguments):
        try:
            verb(booking.pk, **arguments)
        except DomainError:
            return False
        return True


def test_the_machine_does_what_the_model_believes():
    run_state_machine_as_test(
        BookingMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
