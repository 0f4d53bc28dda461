"""Moves and proposals at random against PostgreSQL, beside a model of them that is slow and obvious."""

from dataclasses import dataclass, field
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
from scheduling.domain.cancelling import cancel_booking, preview_cancellation
from scheduling.domain.completing import complete_due
from scheduling.domain.moving import (
    accept_move,
    lapse_due,
    move_booking,
    propose_move,
    refuse_move,
    withdraw_move,
)
from scheduling.models import Booking, MoveProposal, Schedule
from tests.scheduling.stage import FREE, NOW, hold, open_around_the_clock, overlapping_pairs

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOTICE, TOO_LATE, LATE = 12 * HOUR, 2 * HOUR, 24 * HOUR
PER_DAY = 3
picks, steps = st.integers(0, 11), st.integers(0, 47)


def at_step(step):
    """Every hour of the first days, on the grid."""
    return NOW + NOTICE + step * HOUR


@dataclass
class Believed:
    """What the model believes of one booking."""

    pk: UUID
    coach: int
    candidate: int
    starts_at: datetime
    buffer: timedelta
    state: str = "confirmed"
    late_moves: int = 0
    moves: int = 0
    proposed: datetime | None = None
    refused_for: set = field(default_factory=set)

    @property
    def blocked(self):
        return self.starts_at - self.buffer, self.starts_at + HOUR + self.buffer

    def ahead(self, now):
        return self.starts_at - now


class MoveMachine(RuleBasedStateMachine):
    """Two coaches, two candidates, three days of slots, and a clock that only goes forward."""

    @initialize()
    def open_the_house(self):
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now, self.believed, self.buffer = NOW, [], timedelta()
        self.coaches = [User.objects.create(email=f"coach{n}@demo.test", name=f"C{n}") for n in range(2)]
        self.candidates = [User.objects.create(email=f"person{n}@demo.test") for n in range(2)]
        for coach in self.coaches:
            open_around_the_clock(coach, days=40, max_per_day=PER_DAY)
        for at, step in enumerate([3, 5, 8, 20]):
            self.book(coach=at // 3, candidate=at % 2, step=step)

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # What may happen

    @rule(coach=st.integers(0, 1), candidate=st.integers(0, 1), step=steps)
    def book(self, coach, candidate, step):
        starts_at = at_step(step)
        if self._refusal(Believed(None, coach, candidate, starts_at, self.buffer), starts_at):
            return
        made = hold(self.coaches[coach], self.candidates[candidate], starts_at, FREE, self.now)
        self.believed.append(Believed(made.booking.pk, coach, candidate, starts_at, self.buffer))

    @precondition(lambda self: self.believed)
    @rule(pick=picks, minutes=st.sampled_from([1500, 1440, 1380, 150, 120, 119, -60]))
    def wait_until_shortly_before_a_session(self, pick, minutes):
        self.now = max(self.now, self._pick(pick).starts_at - timedelta(minutes=minutes))

    @rule(minutes=st.sampled_from([0, 30]))
    def the_coaches_want_other_buffers(self, minutes):
        self.buffer = timedelta(minutes=minutes)
        Schedule.objects.update(buffer_before_minutes=minutes, buffer_after_minutes=minutes)

    @precondition(lambda self: self.believed)
    @rule(pick=picks, step=steps)
    def move(self, pick, step):
        booking, starts_at = self._pick(pick), at_step(step)
        if booking.state == "confirmed" and starts_at == booking.starts_at:
            expected = None
        else:
            late = booking.ahead(self.now) < LATE
            expected = self._too_late(booking, late=late) or self._refusal(booking, starts_at)
            if expected is None:
                booking.late_moves += late
                booking.proposed = None
                self._go(booking, starts_at)
        assert self._does(move_booking, booking, starts_at, by=self._candidate(booking)) == expected

    @precondition(lambda self: self.believed)
    @rule(pick=picks, step=steps)
    def propose(self, pick, step):
        booking, starts_at = self._pick(pick), at_step(step)
        expected = self._may_propose(booking, starts_at)
        assert self._does(propose_move, booking, starts_at, by=self.coaches[booking.coach]) == expected
        if expected is None:
            booking.proposed = starts_at

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def accept(self, pick):
        booking = self._pick(pick)
        if not self._can_answer(booking):
            # Said twice, yes may still be yes; nothing moves.
            self._does(accept_move, booking, by=self._candidate(booking))
            return
        expected = self._refusal(booking, booking.proposed)
        assert self._does(accept_move, booking, by=self._candidate(booking)) == expected
        if expected is None:
            self._go(booking, booking.proposed)
            booking.proposed = None

    @precondition(lambda self: self.believed)
    @rule(pick=picks, by_coach=st.booleans())
    def refuse_or_withdraw(self, pick, by_coach):
        booking = self._pick(pick)
        verb, person = (
            (withdraw_move, self.coaches[booking.coach])
            if by_coach
            else (refuse_move, self._candidate(booking))
        )
        can_answer = self._can_answer(booking)
        refusal = self._does(verb, booking, by=person)
        if can_answer:
            assert refusal is None
            booking.proposed = None
            if not by_coach:
                booking.refused_for.add(booking.starts_at)

    @precondition(lambda self: self.believed)
    @rule(pick=picks)
    def cancel(self, pick):
        booking = self._pick(pick)
        if booking.state != "confirmed" or booking.starts_at <= self.now:
            return
        row = Booking.objects.get(pk=booking.pk)
        previewed = preview_cancellation(row, by=self._candidate(booking), now=self.now)
        assert previewed == self._refund(booking)
        cancelled = cancel_booking(booking.pk, by=self._candidate(booking), now=self.now)
        assert (cancelled.rule, cancelled.refund_percent) == previewed
        booking.state, booking.proposed = "cancelled", None

    @rule()
    def a_minute_strikes(self):
        complete_due(self.now)
        lapse_due(self.now)
        for booking in self.believed:
            if booking.ahead(self.now) <= TOO_LATE:
                booking.proposed = None
            if booking.state == "confirmed" and booking.starts_at + HOUR <= self.now:
                booking.state = "completed"

    # What is always true

    @invariant()
    def nobody_is_double_booked(self):
        assert overlapping_pairs() == []

    @invariant()
    def no_booking_is_lost_and_each_is_where_the_model_believes(self):
        rows = Booking.objects.values_list("pk", "state", "starts_at", "ends_at", "late_moves")
        assert set(rows) == {
            (each.pk, each.state, each.starts_at, each.starts_at + HOUR, each.late_moves)
            for each in self.believed
        }

    @invariant()
    def the_invite_counts_every_change(self):
        rows = dict(Booking.objects.values_list("pk", "sequence"))
        assert rows == {each.pk: each.moves + (each.state == "cancelled") for each in self.believed}

    @invariant()
    def what_is_asked_waits_once(self):
        waiting = MoveProposal.objects.filter(state="open").values_list("booking_id", "starts_at")
        assert sorted(waiting) == sorted((each.pk, each.proposed) for each in self.believed if each.proposed)

    # The model

    def _too_late(self, booking, *, late):
        if booking.state != "confirmed":
            return "illegal_state"
        if booking.ahead(self.now) < TOO_LATE:
            return "too_late_to_move"
        return "moved_already" if late and booking.late_moves else None

    def _may_propose(self, booking, starts_at):
        if booking.state != "confirmed":
            return "illegal_state"
        if booking.ahead(self.now) <= TOO_LATE:
            return "too_late_to_move"
        if booking.proposed == starts_at:
            return None
        if booking.starts_at == starts_at:
            return "invalid"
        return self._no_slot(booking, starts_at)

    def _refusal(self, booking, starts_at):
        """Why the candidate does not get this time: live ones of the coach, his own, then the rules."""
        others = [each for each in self.believed if each is not booking and each.state == "confirmed"]
        if any(each.coach == booking.coach and self._blocks(each, starts_at) for each in others):
            return "slot_taken"
        if any(
            each.candidate == booking.candidate and abs(each.starts_at - starts_at) < HOUR for each in others
        ):
            return "candidate_busy"
        return self._no_slot(booking, starts_at)

    def _no_slot(self, booking, starts_at):
        if starts_at < self.now + NOTICE:
            return "slot_unavailable"
        takes = [
            each
            for each in self.believed
            if each is not booking and each.coach == booking.coach and each.state != "cancelled"
        ]
        if any(self._blocks(each, starts_at) for each in takes):
            return "slot_taken"
        same_day = [each for each in takes if each.starts_at.date() == starts_at.date()]
        return "slot_unavailable" if len(same_day) >= PER_DAY else None

    def _blocks(self, other, starts_at):
        start, end = other.blocked
        return start < starts_at + HOUR + self.buffer and starts_at - self.buffer < end

    def _can_answer(self, booking):
        return booking.proposed is not None and booking.ahead(self.now) > TOO_LATE

    def _go(self, booking, starts_at):
        booking.starts_at, booking.buffer = starts_at, self.buffer
        booking.moves += 1

    def _refund(self, booking):
        if booking.starts_at in booking.refused_for and booking.ahead(self.now) >= TOO_LATE:
            return "coach", 100
        tiers = ((LATE, "full", 100), (TOO_LATE, "half", 50), (timedelta(), "none", 0))
        name, percent = next(
            (name, percent) for ahead, name, percent in tiers if self._is_ahead(booking, ahead)
        )
        if booking.late_moves:
            return ("half", 50) if percent else ("none", 0)
        row = Booking.objects.get(pk=booking.pk)
        agreed = row.agreed_start or row.starts_at
        grace = self.now < row.confirmed_at + HOUR and agreed - row.confirmed_at > LATE
        return ("grace", 100) if grace and percent < 100 else (name, percent)

    def _is_ahead(self, booking, length):
        return booking.ahead(self.now) >= length

    # The machine

    def _pick(self, pick):
        return self.believed[pick % len(self.believed)]

    def _candidate(self, booking):
        return self.candidates[booking.candidate]

    def _does(self, verb, booking, *what, by):
        try:
            verb(booking.pk, *what, by=by, now=self.now)
        except DomainError as refusal:
            return refusal.code
        return None


def test_moves_do_what_the_model_believes():
    run_state_machine_as_test(
        MoveMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
