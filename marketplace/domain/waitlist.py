"""Waiting for a time of a coach: joining the list of an offer, and leaving it (rules/scheduling.md 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.audit import record
from core.errors import InvalidError, NotFoundError
from core.locks import lock
from marketplace.models import Offer, Session, WaitlistEntry
from scheduling.domain.tries import OwnCoachError, SlotUnavailableError

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Range:
    """The starts that would do: ``from_at ≤ start < to_at``; None means any."""

    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass(frozen=True)
class Joined:
    """The entry, and whether this call made it."""

    entry: WaitlistEntry
    is_new: bool


@transaction.atomic
def join_waitlist(offer: Offer, wanted: Range, *, by: User, timezone: str, now: datetime) -> Joined:
    """Wait for a time of this offer, read in ``timezone`` (IANA). Who waits already keeps his place.

    Asking again with another range changes the range.

    Raises:
        InvalidError: the range is over or reversed, or the offer is not for a time.
        OwnCoachError: it is his own offer.
        SlotUnavailableError: ``inactive``.
    """
    _refuse(offer, wanted, by, now)
    # Two presses at once: the second finds what the first made.
    lock("waitlist", f"{offer.pk}:{by.pk}")
    known = WaitlistEntry.objects.filter(offer=offer, candidate=by, left_at=None).first()
    if known is not None and known.is_over(now):
        _leave(known, by=by, now=now)
        known = None
    if known is None:
        return Joined(_join(offer, wanted, by, timezone, now), is_new=True)
    known.from_at, known.to_at, known.timezone = wanted.from_at, wanted.to_at, timezone
    known.save(update_fields=["from_at", "to_at", "timezone"])
    return Joined(known, is_new=False)


@transaction.atomic
def leave_waitlist(entry_id: int, *, by: User, now: datetime) -> None:
    """Wait no longer. Twice is once; what is held for him at the moment stays held.

    Raises:
        NotFoundError: nobody's entry, or somebody else's.
    """
    entry = WaitlistEntry.objects.select_for_update().filter(pk=entry_id, candidate=by).first()
    if entry is None:
        raise NotFoundError
    if entry.left_at is None:
        _leave(entry, by=by, now=now)


@transaction.atomic
def leave_when_served(booking_id: UUID, *, now: datetime) -> None:
    """Who has got a time that would do, on whatever way, waits no longer. Twice is once."""
    session = Session.objects.select_related("booking").filter(pk=booking_id).first()
    if session is None:
        return
    waiting = WaitlistEntry.objects.select_for_update().filter(
        candidate=session.booking.candidate_id, offer=session.offer_id, left_at=None
    )
    for entry in waiting:
        if entry.would_do(session.booking.starts_at):
            _leave(entry, by=None, now=now)


def _refuse(offer: Offer, wanted: Range, by: User, now: datetime) -> None:
    if not offer.is_for_a_time:
        raise InvalidError(fields={"offer": ["A resume review needs no time."]})
    if wanted.to_at is not None and wanted.to_at <= max(now, wanted.from_at or now):
        raise InvalidError(fields={"to": ["The range ends before it begins, or is over."]})
    if offer.coach.user_id == by.pk:
        raise OwnCoachError
    if not (offer.active and offer.coach.is_live):
        raise SlotUnavailableError("inactive")


def _join(offer: Offer, wanted: Range, by: User, timezone: str, now: datetime) -> WaitlistEntry:
    entry = WaitlistEntry.objects.create(
        offer=offer,
        candidate=by,
        timezone=timezone,
        from_at=wanted.from_at,
        to_at=wanted.to_at,
        joined_at=now,
    )
    record("joined", entry, by=by, now=now)
    return entry


def _leave(entry: WaitlistEntry, *, by: User | None, now: datetime) -> None:
    entry.left_at = now
    entry.save(update_fields=["left_at"])
    record("left", entry, by=by, now=now)
