"""Moving a confirmed booking to another time, in place: the candidate alone, the coach by asking (rule 15).

A request is not moved: the coach's yes is to the time that he was asked for. Its candidate withdraws it.

A move takes time anew. The new range has the length that was booked and the buffers that are in force now,
as the slots have from which it was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from core.audit import record
from core.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from core.events import announce
from core.periodic import each
from scheduling.domain.arrows import lock_booking, tell_slots
from scheduling.domain.conflicts import SlotTakenError, make_way
from scheduling.domain.proposals import close, settle, withdraw_open
from scheduling.domain.tries import lock_in_time, refuse_unless_offered, trying
from scheduling.events import BookingMoved, MoveProposed, TimeFreed
from scheduling.models import Booking, MoveProposal, Schedule
from scheduling.queries.bookings import booking_of
from scheduling.queries.moves import due_proposals, last_proposal, open_proposal
from scheduling.queries.slots import nearest_starts
from scheduling.rules.moving import MayMove, MoveRefusal, candidate_may, coach_may
from scheduling.states import BookingState, ProposalState, Side

if TYPE_CHECKING:
    from accounts.models import User

MOVED = ["starts_at", "ends_at", "period", "blocked", "agreed_start", "late_moves", "sequence"]


class MoveRefusedError(DomainError):
    """This session is not moved, or not any more; the code says why."""

    SENTENCES: ClassVar[dict[MoveRefusal, str]] = {
        MoveRefusal.NOT_CONFIRMED: "Only a confirmed session can be moved.",
        MoveRefusal.TOO_LATE: "It is too late to move this session.",
        MoveRefusal.MOVED_BEFORE: "So close to its start a session can be moved once, and this one was.",
    }

    def __init__(self, why: MoveRefusal) -> None:
        super().__init__(self.SENTENCES[why])
        self.code = why.value


class NoProposalError(DomainError):
    """There is nothing to answer."""

    code = "no_proposal"
    message = "There is no proposal to answer any more. The session stays at its time."


def may_move(booking: Booking, *, by: User, now: datetime) -> MayMove:
    """What ``by``, a side of the booking, may do about its time at ``now``."""
    if booking.side_of(by) == Side.COACH:
        may = coach_may(booking.starts_at, answered_before=settings.PROPOSAL_UNTIL, now=now)
    else:
        may = candidate_may(
            booking.starts_at,
            freely=booking.policy.moves_freely,
            at_all=booking.policy.moves_at_all,
            late_moves=booking.late_moves,
            most_late_moves=settings.FREE_RESCHEDULES,
            now=now,
        )
    return may if booking.state == BookingState.CONFIRMED else may.refused(MoveRefusal.NOT_CONFIRMED)


def move_booking(booking_id: UUID, starts_at: datetime, *, by: User, now: datetime) -> Booking:
    """The candidate moves his session. To the time that it has is no move, so twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: a coach proposes.
        MoveRefusedError: it cannot be moved, too late, or late once too often.
        SlotTakenError: the coach's time is taken; carries alternatives.
        CandidateBusyError: the candidate has another session then.
        SlotUnavailableError: any other rule, by its code.
    """
    with _taking(booking_of(by, booking_id), starts_at, by=by, now=now) as booking:
        if booking.state == BookingState.CONFIRMED and booking.starts_at == starts_at:
            return booking
        may = _refuse_unless_allowed(booking, by=by, now=now)
        booking.late_moves += may.late
        _take(booking, starts_at, by=by, now=now)
        withdraw_open(booking, by=by, now=now)
        return booking


@transaction.atomic
def propose_move(booking_id: UUID, starts_at: datetime, *, by: User, now: datetime) -> MoveProposal:
    """The coach asks for another time; none is kept. Another proposal withdraws the old, the same one stands.

    Whether the candidate is free then is for him to say: a coach is not told about his other sessions.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: a candidate moves by himself.
        MoveRefusedError: it cannot be moved, or it is too late to ask.
        InvalidError: it is at that time.
        SlotTakenError: the coach has something else then; carries alternatives.
        SlotUnavailableError: any other rule, by its code.
    """
    booking = _lock_for(booking_id, by, Side.COACH)
    _refuse_unless_allowed(booking, by=by, now=now)
    earlier = open_proposal(booking)
    if earlier is not None and earlier.starts_at == starts_at:
        return earlier
    if booking.starts_at == starts_at:
        raise InvalidError(fields={"starts_at": ["The session is at this time already."]})
    with _telling_alternatives(booking, starts_at, now=now):
        _refuse_unless_offered(booking, starts_at, now=now)
    withdraw_open(booking, by=by, now=now)
    proposal: MoveProposal = booking.proposals.create(
        from_at=booking.starts_at, starts_at=starts_at, proposed_at=now
    )
    record("move_proposed", booking, by=by, now=now, reason=f"to {starts_at.isoformat()}")
    announce(MoveProposed(at=now, booking_id=booking.pk, proposal_id=proposal.pk))
    return proposal


def accept_move(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """The candidate says yes, and the session moves, if its new time is still free. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: a coach's own proposal.
        NoProposalError: there is none any more.
        DomainError: the refusals of ``move_booking`` about the new time; the old one stands.
    """
    seen = booking_of(by, booking_id)
    asked = last_proposal(seen)
    if asked is None:
        raise NoProposalError
    with _taking(seen, asked.starts_at, by=by, now=now) as booking:
        proposal = last_proposal(booking)
        if _has_become(proposal, ProposalState.ACCEPTED) and booking.starts_at == asked.starts_at:
            return booking
        proposal = _refuse_unless_open(proposal, now=now)
        _take(booking, proposal.starts_at, by=by, now=now)
        close(proposal, ProposalState.ACCEPTED, now=now)
        return booking


@transaction.atomic
def refuse_move(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """The candidate says no: the old time stands, and he may give it up at no cost. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: a coach's own proposal, which he withdraws.
        NoProposalError: there is none any more.
    """
    booking = _lock_for(booking_id, by, Side.CANDIDATE)
    return _answer(booking, ProposalState.REFUSED, by=by, now=now)


@transaction.atomic
def withdraw_move(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """The coach takes his proposal back: the old time stands. Twice is once.

    Raises:
        NotFoundError: neither side of it.
        ForbiddenError: a candidate refuses.
        NoProposalError: there is none any more.
    """
    booking = _lock_for(booking_id, by, Side.COACH)
    return _answer(booking, ProposalState.WITHDRAWN, by=by, now=now)


def lapse_due(now: datetime) -> int:
    """Let proposals lapse that nobody answered in time. Answers how many."""
    return each(due_proposals(now), lambda proposal_id: lapse_move(proposal_id, now=now))


@transaction.atomic
def lapse_move(proposal_id: int, *, now: datetime) -> bool:
    """Let a proposal lapse whose time to answer is over; anything else stands as it is."""
    booking = lock_booking(MoveProposal.objects.values_list("booking_id", flat=True).get(pk=proposal_id))
    proposal = open_proposal(booking)
    if proposal is None or not proposal.is_over(now):
        return False
    settle(proposal, ProposalState.LAPSED, by=None, now=now)
    return True


@contextmanager
def _taking(seen: Booking, starts_at: datetime, *, by: User, now: datetime) -> Iterator[Booking]:
    """One try of the candidate for another time: his booking, locked with its people."""
    with _telling_alternatives(seen, starts_at, now=now), trying(now=now):
        lock_in_time(seen.coach_id, seen.candidate_id)
        yield _lock_for(seen.pk, by, Side.CANDIDATE)


@contextmanager
def _telling_alternatives(booking: Booking, starts_at: datetime, *, now: datetime) -> Iterator[None]:
    """Whoever finds the time taken hears of the nearest ones; the one he has is none of them."""
    try:
        yield
    except SlotTakenError as taken:
        near = nearest_starts(
            booking.coach_id,
            duration_minutes=_minutes(booking),
            around=starts_at,
            now=now,
            without=booking.pk,
        )
        taken.offer(near)
        raise


def _lock_for(booking_id: UUID, by: User, side: Side) -> Booking:
    booking = lock_booking(booking_id)
    if booking.side_of(by) == Side.OPERATIONS:
        raise NotFoundError
    if booking.side_of(by) != side:
        raise ForbiddenError
    return booking


def _refuse_unless_allowed(booking: Booking, *, by: User, now: datetime) -> MayMove:
    may = may_move(booking, by=by, now=now)
    if may.refusal:
        raise MoveRefusedError(may.refusal)
    return may


def _refuse_unless_open(proposal: MoveProposal | None, *, now: datetime) -> MoveProposal:
    if proposal is None or proposal.state != ProposalState.OPEN or proposal.is_over(now):
        raise NoProposalError
    return proposal


def _refuse_unless_offered(booking: Booking, starts_at: datetime, *, now: datetime) -> None:
    """The slot check of a hold, the booking itself left out."""
    refuse_unless_offered(
        booking.coach_id, duration_minutes=_minutes(booking), at=starts_at, now=now, without=booking.pk
    )


def _answer(booking: Booking, answer: ProposalState, *, by: User, now: datetime) -> Booking:
    proposal = last_proposal(booking)
    if not _has_become(proposal, answer):
        settle(_refuse_unless_open(proposal, now=now), answer, by=by, now=now)
    return booking


def _has_become(proposal: MoveProposal | None, outcome: ProposalState) -> bool:
    return proposal is not None and proposal.state == outcome


def _take(booking: Booking, starts_at: datetime, *, by: User, now: datetime) -> None:
    """Move a locked, confirmed booking, if the rules offer its new time."""
    was_at, was_until = booking.starts_at, booking.ends_at
    _place(booking, starts_at)
    booking.agreed_start = booking.agreed_start or was_at
    booking.sequence += 1
    try:
        # A savepoint: a refusal by an exclusion constraint poisons no more than this.
        with transaction.atomic():
            make_way(booking, now=now)
            _refuse_unless_offered(booking, starts_at, now=now)
            booking.save(update_fields=MOVED)
    except IntegrityError as overlap:
        raise SlotTakenError from overlap
    record("moved", booking, by=by, now=now, reason=f"from {was_at.isoformat()} to {starts_at.isoformat()}")
    announce(BookingMoved(at=now, booking_id=booking.pk, from_at=was_at))
    announce(TimeFreed(at=now, coach_id=booking.coach_id, from_at=was_at, to_at=was_until))
    for start, end in ((was_at, was_until), (booking.starts_at, booking.ends_at)):
        tell_slots(booking.coach_id, start, end, now=now)


def _place(booking: Booking, starts_at: datetime) -> None:
    schedule = Schedule.objects.get(coach_id=booking.coach_id)
    before = timedelta(minutes=schedule.buffer_before_minutes)
    after = timedelta(minutes=schedule.buffer_after_minutes)
    booking.set_time(starts_at, starts_at + booking.length, before=before, after=after)


def _minutes(booking: Booking) -> int:
    return booking.length // timedelta(minutes=1)
