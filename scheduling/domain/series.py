"""A series: several times of one coach, taken in one try (rule 16)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction

from core.errors import DomainError
from core.instants import instant_json
from scheduling.domain.conflicts import InTheWayError, SlotTakenError
from scheduling.domain.holds import close_own, first_state, place, take
from scheduling.domain.terms import SessionTerms
from scheduling.domain.tries import OwnCoachError, SlotUnavailableError, lock_in_time, trying, want_closed
from scheduling.models import Booking
from scheduling.models.booking import BookingQuerySet
from scheduling.queries.slots import nearest_starts
from scheduling.queries.why import why_not
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User

Check = Callable[[Booking, Sequence[Booking]], None]
"""The seller's own refusal of an occurrence, told it and those of the series that were taken before it."""

Refusals = dict[datetime, DomainError]
"""What refused a start."""


@dataclass(frozen=True)
class AskedSeries:
    """``candidate`` wants each of ``starts``; with ``partial`` those that can be had, else all or none."""

    coach_id: int
    candidate: User
    starts: Sequence[datetime]
    terms: SessionTerms
    timezone: str
    partial: bool

    @property
    def name(self) -> str:
        """What makes two tries the same one, in the seller's words and ours."""
        starts = ",".join(instant_json(start) for start in sorted(self.starts))
        digest = blake2b(f"{starts};{self.partial}".encode(), digest_size=12).hexdigest()
        return f"{self.terms.terms} series:{digest}"


@dataclass(frozen=True)
class HeldSeries:
    """The answer to a try: the bookings in time order, and what refused the other starts."""

    bookings: list[Booking]
    refused: Refusals
    is_new: bool


def hold_series(asked: AskedSeries, *, check: Check, now: datetime) -> HeldSeries:
    """Take the starts of a series in one transaction, the earlier before the later.

    Each is checked like a single one and against those taken before it. The same series again answers the
    one that is held, or what became of it; any other hold with this coach is released.

    Raises:
        OwnCoachError: the candidate is the coach.
        TooManyHoldsError: the candidate holds too much unpaid; a series counts as one.
        DomainError: the first refusal of a start, where one is too many or nothing is left. Its ``failed``
            names every start that was refused.
    """
    if asked.candidate.pk == asked.coach_id:
        raise OwnCoachError
    refused: Refusals = {}
    try:
        with trying(now=now):
            return _try(asked, refused, check=check, now=now)
    except SlotTakenError as taken:
        # After the roll-back: the locks are free, and the candidate's old hold is his again.
        around = next((start for start, why in refused.items() if why is taken), min(asked.starts))
        minutes = asked.terms.duration_minutes
        taken.offer(nearest_starts(asked.coach_id, duration_minutes=minutes, around=around, now=now))
        raise


def failures(refused: Refusals) -> list[dict[str, object]]:
    """Each refused start with the code of what refused it, for an answer."""
    return [
        {
            "starts_at": instant_json(start),
            "code": refusal.code,
            "message": refusal.message,
            **{name: refusal.extra[name] for name in ("reason", "booking") if name in refusal.extra},
        }
        for start, refusal in refused.items()
    ]


def _try(asked: AskedSeries, refused: Refusals, *, check: Check, now: datetime) -> HeldSeries:
    lock_in_time(asked.coach_id, asked.candidate.pk)
    known = _known(asked, now)
    if known:
        return HeldSeries(known, _missing(asked, known, now), is_new=False)
    close_own(_own_holds(asked), by=asked.candidate, now=now)
    taken: list[Booking] = []
    blank = _blank(asked, now)
    for start in sorted(asked.starts):
        try:
            # A savepoint: what an occurrence expired in passing comes back when it is refused after all.
            with transaction.atomic():
                taken.append(_take(blank(), start, asked.terms, taken, check=check, now=now))
        except (InTheWayError, SlotUnavailableError) as refusal:
            refused[start] = refusal
    if refused and not (asked.partial and taken):
        _give_up(refused)
    want_closed(_wanted(refused), now=now)
    if len(taken) == 1:
        _leave_alone(taken[0])
    return HeldSeries(taken, refused, is_new=True)


def _leave_alone(booking: Booking) -> None:
    """One is no series, however many were asked for."""
    booking.series = None
    Booking.objects.filter(pk=booking.pk).update(series=None)


def _blank(asked: AskedSeries, now: datetime) -> Callable[[], Booking]:
    """Makes the bookings of one series, which have no time yet."""
    series = uuid4()

    def make() -> Booking:
        return Booking(
            coach_id=asked.coach_id,
            candidate=asked.candidate,
            state=first_state(asked.terms),
            offer=asked.terms.offer,
            terms=asked.name,
            needs_approval=asked.terms.needs_approval,
            series=series,
            timezone=asked.timezone,
            created_at=now,
        )

    return make


def _take(
    booking: Booking,
    start: datetime,
    terms: SessionTerms,
    earlier: Sequence[Booking],
    *,
    check: Check,
    now: datetime,
) -> Booking:
    place(booking, start, terms)
    take(booking, terms, now=now)
    check(booking, earlier)
    return booking


def _give_up(refused: Refusals) -> None:
    first = next(iter(refused.values()))
    first.extra["failed"] = failures(refused)
    if isinstance(first, InTheWayError):
        first.wanted = _wanted(refused)
    raise first


def _wanted(refused: Refusals) -> tuple[UUID, ...]:
    in_the_way = (refusal for refusal in refused.values() if isinstance(refusal, InTheWayError))
    return tuple(booking_id for refusal in in_the_way for booking_id in refusal.wanted)


def _own_holds(asked: AskedSeries) -> BookingQuerySet:
    """The candidate's holds with this coach, locked."""
    return _own(asked).filter(state=BookingState.HELD)


def _own(asked: AskedSeries) -> BookingQuerySet:
    own = Booking.objects.select_for_update().filter(coach=asked.coach_id, candidate=asked.candidate)
    return own.live().order_by("pk")


def _known(asked: AskedSeries, now: datetime) -> list[Booking]:
    """The bookings that this try would make, if it made them before; none if the series fell apart since."""
    made = [
        booking
        for booking in _own(asked).filter(offer=asked.terms.offer, terms=asked.name)
        if booking.state != BookingState.HELD or booking.is_unexpired_hold(now)
    ]
    is_whole = asked.partial or len(made) == len(asked.starts)
    return sorted(made, key=lambda booking: booking.starts_at) if is_whole else []


def _missing(asked: AskedSeries, known: Sequence[Booking], now: datetime) -> Refusals:
    """Why the other starts are not among those that were taken, as it is now."""
    others = sorted(set(asked.starts) - {booking.starts_at for booking in known})
    return {start: _why(asked, start, now) for start in others}


def _why(asked: AskedSeries, start: datetime, now: datetime) -> DomainError:
    why = why_not(asked.coach_id, duration_minutes=asked.terms.duration_minutes, at=start, now=now)
    return SlotTakenError() if why.reason in {None, "booked"} else SlotUnavailableError(why.reason)
