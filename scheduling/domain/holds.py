"""Holding a slot: one try, and the life of the hold until it is paid, released or lapsed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core.audit import record
from core.errors import DomainError, IllegalTransitionError, NotFoundError
from scheduling.domain.arrows import cancel, expire, tell
from scheduling.domain.conflicts import CandidateBusyError, SlotTakenError, make_way
from scheduling.domain.policies import current_policy
from scheduling.domain.terms import SessionTerms
from scheduling.domain.together import lock_together
from scheduling.domain.tries import (
    OwnCoachError,
    SlotUnavailableError,
    TooManyHoldsError,
    lock_in_time,
    refuse_unless_offered,
    trying,
)
from scheduling.models import Booking, Schedule
from scheduling.queries.slots import nearest_starts
from scheduling.states import BookingState, Side

if TYPE_CHECKING:
    from accounts.models import User

__all__ = [
    "CandidateBusyError",
    "Hold",
    "HoldExpiredError",
    "OwnCoachError",
    "SlotTakenError",
    "SlotUnavailableError",
    "TooManyHoldsError",
    "close_own",
    "expire_hold",
    "extend_hold",
    "first_state",
    "guard",
    "hold_slot",
    "place",
    "take",
    "trying",
    "unguard",
]


class HoldExpiredError(DomainError):
    """The hold ran out; the time may belong to somebody else by now."""

    code = "hold_expired"
    message = "The time was held for you and has run out. Please choose it again."


@dataclass(frozen=True)
class Hold:
    """The answer to a try: the booking, and whether this try made it."""

    booking: Booking
    is_new: bool


def hold_slot(
    *,
    coach_id: int,
    candidate: User,
    starts_at: datetime,
    terms: SessionTerms,
    timezone: str,
    now: datetime,
    offered_until: datetime | None = None,
) -> Hold:
    """Take a slot of a coach for a candidate who reads times in ``timezone`` (IANA).

    The candidate's own unexpired hold of the same terms and start is answered again, and so is what became
    of it; another hold with this coach is released. Paid: held for ten minutes. Otherwise confirmed, or
    requested where the coach has to say yes.

    ``offered_until``: he waited for this time and did not ask for it now. It is held until then, whatever it
    costs; it counts for no limit of unpaid holds and releases none of his (rule 18).

    Raises:
        OwnCoachError: the candidate is the coach.
        SlotTakenError: the coach's time is taken; carries alternatives.
        CandidateBusyError: the candidate has another session then.
        TooManyHoldsError: the candidate holds too much unpaid.
        SlotUnavailableError: any other rule, by its code.
    """
    if candidate.pk == coach_id:
        raise OwnCoachError
    booking = Booking(
        coach_id=coach_id,
        candidate=candidate,
        state=BookingState.HELD if offered_until else first_state(terms),
        offer=terms.offer,
        terms=terms.terms,
        needs_approval=terms.needs_approval,
        timezone=timezone,
        created_at=now,
        hold_expires_at=offered_until,
        from_waitlist=offered_until is not None,
    )
    try:
        with trying(now=now):
            return _try(booking, starts_at, terms, now=now)
    except SlotTakenError as taken:
        # After the roll-back: the locks are free, and the candidate's old hold is his again.
        taken.offer(
            nearest_starts(coach_id, duration_minutes=terms.duration_minutes, around=starts_at, now=now)
        )
        raise


def _try(booking: Booking, starts_at: datetime, terms: SessionTerms, *, now: datetime) -> Hold:
    lock_in_time(booking.coach_id, booking.candidate_id)
    place(booking, starts_at, terms)
    own = [] if booking.from_waitlist else list(_own_with_coach(booking))
    for earlier in own:
        if _is_the_same(earlier, booking, paid=terms.paid, now=now):
            return Hold(earlier, is_new=False)
    close_own(own, by=booking.candidate, now=now)
    take(booking, terms, now=now)
    return Hold(booking, is_new=True)


def take(booking: Booking, terms: SessionTerms, *, now: datetime) -> None:
    """Check a placed booking against every rule and insert it. Belongs to a try that holds both locks."""
    make_way(booking, now=now)
    _ask(booking, terms, now=now)
    _stamp(booking, now=now)
    if not Booking.objects.insert(booking):
        raise SlotTakenError
    tell(booking, by=None if booking.from_waitlist else booking.candidate, now=now)


def first_state(terms: SessionTerms) -> BookingState:
    """How a booking of these terms begins."""
    if terms.paid:
        return BookingState.HELD
    return BookingState.REQUESTED if terms.needs_approval else BookingState.CONFIRMED


def place(booking: Booking, starts_at: datetime, terms: SessionTerms) -> None:
    """Give a booking its time, with the buffers that are in force."""
    schedule = Schedule.objects.filter(coach_id=booking.coach_id).first()
    if schedule is None:
        raise SlotUnavailableError("outside_hours")
    before = timedelta(minutes=schedule.buffer_before_minutes)
    after = timedelta(minutes=schedule.buffer_after_minutes)
    booking.set_time(starts_at, terms.end_of(starts_at), before=before, after=after)


def _own_with_coach(booking: Booking) -> Iterable[Booking]:
    """The candidate's holds with this coach, and what he has at this very start; locked."""
    return (
        Booking.objects.select_for_update()
        .live()
        .filter(
            Q(state=BookingState.HELD) | Q(starts_at=booking.starts_at),
            coach_id=booking.coach_id,
            candidate_id=booking.candidate_id,
        )
        .order_by("pk")
    )


def _is_the_same(earlier: Booking, booking: Booking, *, paid: bool, now: datetime) -> bool:
    """Whether ``earlier`` is what this try would make: pressed twice, it is one."""
    # What is confirmed or requested was made by it, too: at once where a balance covered all, or by paying.
    # What he waited for is held for him though it costs nothing.
    may_be_held = paid or earlier.from_waitlist
    stands = earlier.state != BookingState.HELD or (may_be_held and earlier.is_unexpired_hold(now))
    return stands and (earlier.starts_at, earlier.offer, earlier.terms) == (
        booking.starts_at,
        booking.offer,
        booking.terms,
    )


def close_own(own: Iterable[Booking], *, by: User, now: datetime) -> None:
    """Release the locked holds that a new try replaces, and expire those that ran out."""
    for hold in own:
        if hold.is_unexpired_hold(now):
            cancel(hold, by=by, now=now, reason="replaced")
        elif hold.is_lapsed_hold(now) and not hold.guarded:
            expire(hold, now=now)


def _ask(booking: Booking, terms: SessionTerms, *, now: datetime) -> None:
    asks_to_pay = terms.paid and not booking.from_waitlist
    if asks_to_pay and _unpaid_orders(booking, now) >= settings.MOST_UNPAID_ORDERS:
        raise TooManyHoldsError
    refuse_unless_offered(
        booking.coach_id, duration_minutes=terms.duration_minutes, at=booking.starts_at, now=now
    )


def _unpaid_orders(booking: Booking, now: datetime) -> int:
    """Besides the booking's own. A series is one order, however many sessions it holds."""
    held = Booking.objects.filter(
        candidate_id=booking.candidate_id,
        state=BookingState.HELD,
        hold_expires_at__gt=now,
        from_waitlist=False,
    )
    return len({series or pk for pk, series in held.values_list("pk", "series")} - {booking.series})


def _stamp(booking: Booking, *, now: datetime) -> None:
    booking.policy = current_policy(now)
    if booking.state == BookingState.HELD:
        booking.hold_expires_at = booking.hold_expires_at or now + settings.HOLD_LENGTH
    elif booking.state == BookingState.REQUESTED:
        booking.requested_at = now
    else:
        booking.confirmed_at = now


@transaction.atomic
def extend_hold(booking_id: UUID, *, by: User, now: datetime) -> Booking:
    """Give the candidate five more minutes from the old expiry, once. Asking again changes nothing.

    What is held with it is extended with it.

    Raises:
        NotFoundError: not this person's hold.
        HoldExpiredError: it ran out.
        IllegalTransitionError: it is no hold any more.
    """
    held = lock_together(booking_id)
    if held[0].side_of(by) != Side.CANDIDATE:
        raise NotFoundError
    _refuse_unless_unexpired(held[0], now)
    for booking in held:
        if booking.hold_extended_at is None and booking.hold_expires_at is not None:
            booking.hold_expires_at += settings.HOLD_EXTENSION
            booking.hold_extended_at = now
            booking.save(update_fields=["hold_expires_at", "hold_extended_at"])
            record("extended", booking, by=by, now=now)
    return held[0]


@transaction.atomic
def guard(booking_id: UUID, *, now: datetime) -> Booking:
    """Say that a payment for this hold may arrive from now on: it is not taken when it lapses (rule 12).

    The payment is for all that is held with it.

    Raises:
        HoldExpiredError: it ran out; nothing may be asked for it any more.
        IllegalTransitionError: it is no hold any more.
    """
    held = lock_together(booking_id)
    _refuse_unless_unexpired(held[0], now)
    _guard(held, is_guarded=True)
    return held[0]


@transaction.atomic
def unguard(booking_id: UUID, *, now: datetime) -> Booking:  # noqa: ARG001  (every verb is told the time)
    """Say that no payment for this hold can arrive any more. Harmless in any state."""
    held = lock_together(booking_id)
    _guard(held, is_guarded=False)
    return held[0]


def _guard(held: Iterable[Booking], *, is_guarded: bool) -> None:
    for booking in held:
        booking.guarded = is_guarded
        booking.save(update_fields=["guarded"])


@transaction.atomic
def expire_hold(booking_id: UUID, *, now: datetime) -> Booking:
    """Expire a hold that has lapsed and can no longer be paid, with all that is held with it.

    Anything else stands as it is.
    """
    held = lock_together(booking_id)
    for booking in held:
        if booking.is_lapsed_hold(now) and not booking.guarded:
            expire(booking, now=now)
    return held[0]


def _refuse_unless_unexpired(booking: Booking, now: datetime) -> None:
    if booking.is_unexpired_hold(now):
        return
    if booking.state in {BookingState.HELD, BookingState.EXPIRED}:
        raise HoldExpiredError
    raise IllegalTransitionError(booking, BookingState.HELD)
