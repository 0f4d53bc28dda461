"""Who waits for a time of a coach, in which order, and what he was offered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from marketplace.models import Offer, WaitlistEntry, WaitlistTurn
from marketplace.models.offer import LONGEST_MINUTES
from marketplace.models.waitlist import WaitlistEntryQuerySet
from scheduling.models import Booking
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_SESSION = timedelta(minutes=LONGEST_MINUTES)


def entries_of(person: User, now: datetime) -> WaitlistEntryQuerySet:
    """What a person waits for, the latest first, each with its ``place`` and what is held for him now."""
    before = (
        WaitlistEntry.objects.waiting(now)
        .filter(offer=OuterRef("offer"))
        .filter(_earlier(OuterRef("joined_at"), OuterRef("pk")))
        .order_by()
        .values("offer")
        .annotate(number=Count("pk"))
        .values("number")
    )
    held = WaitlistTurn.objects.filter(
        booking__state=BookingState.HELD, booking__hold_expires_at__gt=now
    ).select_related("booking")
    return (
        WaitlistEntry.objects.waiting(now)
        .filter(candidate=person)
        .select_related("offer__coach__user__schedule")
        .prefetch_related(Prefetch("turns", held.order_by("offered_at"), to_attr="held_turns"))
        .annotate(place=Coalesce(Subquery(before), 0) + 1)
        .order_by("-joined_at", "-pk")
    )


def entry_of(person: User, offer: Offer, now: datetime) -> WaitlistEntry | None:
    """How a person waits for this offer, if he does."""
    return entries_of(person, now).filter(offer=offer).first()


def in_line(coach_id: int, now: datetime) -> list[WaitlistEntry]:
    """Everybody who waits for a time of this coach, in the order of asking."""
    waiting = WaitlistEntry.objects.waiting(now).filter(
        offer__coach__user=coach_id, offer__active=True, offer__coach__state="live"
    )
    people = waiting.select_related("candidate", "offer__coach__user").prefetch_related("turns")
    return list(people.order_by("joined_at", "pk"))


def taken_last(coach_id: int, from_at: datetime, to_at: datetime) -> datetime | None:
    """When somebody last took that time of the coach, but for offers from the waitlist nobody answered."""
    unanswered = Q(from_waitlist=True, confirmed_at=None, requested_at=None)
    took = Booking.objects.filter(coach=coach_id, starts_at__lt=to_at, ends_at__gt=from_at)
    last: datetime | None = took.exclude(unanswered).aggregate(at=Max("created_at"))["at"]
    return last


def turns_in(
    coach_id: int, from_at: datetime, to_at: datetime, *, since: datetime | None
) -> list[WaitlistTurn]:
    """The turns from ``since`` on whose session would overlap that time, but for those that were taken."""
    near = WaitlistTurn.objects.filter(
        entry__offer__coach__user=coach_id, starts_at__gt=from_at - LONGEST_SESSION, starts_at__lt=to_at
    )
    near = near.filter(booking__confirmed_at=None, booking__requested_at=None)
    if since is not None:
        near = near.filter(offered_at__gte=since)
    return [turn for turn in near.select_related("entry__offer") if turn.ends_at > from_at]


def _earlier(joined_at: OuterRef, pk: OuterRef) -> Q:
    return Q(joined_at__lt=joined_at) | Q(joined_at=joined_at, pk__lt=pk)
