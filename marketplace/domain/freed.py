"""A time that became free is offered to those who wait for it, in order (rules/scheduling.md 18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.errors import DomainError
from core.events import announce
from core.locks import lock
from marketplace.domain.booking import Wish, open_session, terms_of
from marketplace.domain.quotas import check_quotas
from marketplace.events import WaitlistOffered
from marketplace.models import WaitlistEntry, WaitlistTurn
from marketplace.queries.sessions import kept_answers
from marketplace.queries.waitlist import in_line, taken_last, turns_in
from scheduling.domain.conflicts import SlotTakenError
from scheduling.domain.holds import hold_slot
from scheduling.domain.tries import trying
from scheduling.models import Booking
from scheduling.queries.slots import open_starts


@dataclass(frozen=True)
class Freed:
    """The time of a coach between two instants (half-open), and the turns at it since somebody had it.

    ``open_now``: its open starts by the minutes of a session, read once until some of it is held.
    """

    coach_id: int
    from_at: datetime
    to_at: datetime
    turns: list[WaitlistTurn]
    open_now: dict[int, list[datetime]] = field(default_factory=dict)

    def is_public(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether as many had their turn at that part of it as may."""
        return sum(turn.overlaps(starts_at, ends_at) for turn in self.turns) >= settings.WAITLIST_MOST_TURNS


def offer_at_commit(booking_id: UUID, *, now: datetime) -> None:
    """Offer the time of a booking the moment the running transaction has committed.

    The news of it does the same a little later, and after a crash; nobody shall be faster meanwhile.
    """
    transaction.on_commit(partial(offer_time_of, booking_id, now=now), robust=True)


def offer_time_of(booking_id: UUID, *, now: datetime) -> int:
    """Offer the time of a booking that takes it no more; how many were offered some of it.

    Who had it is not asked whether he wants it.
    """
    booking = Booking.objects.filter(pk=booking_id).first()
    if booking is None or booking.takes_time:
        return 0
    return offer_freed_time(
        booking.coach_id, booking.starts_at, booking.ends_at, had_by=booking.candidate_id, now=now
    )


@transaction.atomic
def offer_freed_time(
    coach_id: int, from_at: datetime, to_at: datetime, *, now: datetime, had_by: int | None = None
) -> int:
    """Hold a time that became free for the first who waits for it; what is left of it for the next.

    Each entry gets each freed time once; who is busy then is passed over, and who let his hold run out: the
    news of that comes here again. After three entries, or inside the notice, the time is public.

    Raises:
        SlotTakenError: somebody was faster, or is trying; asking again tells which.
    """
    waiting = [entry for entry in in_line(coach_id, now) if entry.candidate_id != had_by]
    if not waiting or to_at <= now:
        return 0
    # One at a time: two pieces of news about one hour would both ask the first in line.
    lock("coach", coach_id)
    since = taken_last(coach_id, from_at, to_at)
    freed = Freed(coach_id, from_at, to_at, turns_in(coach_id, from_at, to_at, since=since))
    return sum(_give_turn(entry, freed, now) for entry in waiting)


def _give_turn(entry: WaitlistEntry, freed: Freed, now: datetime) -> bool:
    """Offer one entry the first start that would do; says whether there was one to offer."""
    starts_at = next(_starts(entry, freed, now), None)
    if starts_at is None:
        return False
    booking = _offer(entry, starts_at, now)
    turn = WaitlistTurn.objects.create(entry=entry, starts_at=starts_at, offered_at=now, booking=booking)
    freed.turns.append(turn)
    freed.open_now.clear()
    return booking is not None


def _starts(entry: WaitlistEntry, freed: Freed, now: datetime) -> Iterator[datetime]:
    for start in _open_now(freed, entry, now):
        end = start + entry.length
        had = any(turn.overlaps(start, end) for turn in entry.turns.all())
        if entry.would_do(start) and not had and not freed.is_public(start, end):
            yield start


def _open_now(freed: Freed, entry: WaitlistEntry, now: datetime) -> list[datetime]:
    """The open starts in it, in order; a session may last longer than what became free."""
    minutes = entry.offer.duration_minutes
    if minutes not in freed.open_now:
        freed.open_now[minutes] = open_starts(
            freed.coach_id, duration_minutes=minutes, from_at=freed.from_at, to_at=freed.to_at, now=now
        )
    return freed.open_now[minutes]


def _offer(entry: WaitlistEntry, starts_at: datetime, now: datetime) -> Booking | None:
    """The hold, or None when the rules give this person none."""
    offer, candidate = entry.offer, entry.candidate
    try:
        with trying(now=now):
            hold = hold_slot(
                coach_id=offer.coach.user_id,
                candidate=candidate,
                starts_at=starts_at,
                terms=terms_of(offer),
                timezone=entry.timezone,
                now=now,
                offered_until=now + settings.WAITLIST_HOLD_LENGTH,
            )
            check_quotas(offer, hold.booking, now=now)
            wish = Wish(offer.pk, starts_at, entry.timezone, kept_answers(candidate, offer.coach))
            open_session(hold.booking, offer, wish, now=now)
            announce(WaitlistOffered(at=now, booking_id=hold.booking.pk))
    except SlotTakenError:
        raise
    except DomainError:
        return None
    return hold.booking
