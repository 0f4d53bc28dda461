"""From several chosen slots of one offer to one order: a series (rules/scheduling.md 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.errors import InvalidError
from marketplace.domain.booking import offer_on_sale, open_sessions, terms_of
from marketplace.domain.closing import close_own_lapsed
from marketplace.domain.quotas import check_quotas
from marketplace.models import Offer, Session
from marketplace.models.offer import HIGHEST_PRICE
from scheduling.domain.series import AskedSeries, HeldSeries, Refusals, hold_series
from scheduling.domain.tries import trying
from scheduling.models import Booking

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class SeriesWish:
    """What a candidate asks for; with ``partial`` he takes those of ``starts`` that can be had.

    ``timezone`` is the zone in which he reads times (IANA).
    """

    offer_id: int
    starts: Sequence[datetime]
    timezone: str
    partial: bool
    answers: dict[str, Any]
    private_code: str = ""


@dataclass(frozen=True)
class BookedSeries:
    """The answer to a try: its sessions in time order, what refused the other starts, and if it made them."""

    sessions: list[Session]
    refused: Refusals
    is_new: bool


def book_series(wish: SeriesWish, *, candidate: User, now: datetime) -> BookedSeries:
    """Hold the slots of a series with their one order, or confirm at once where nothing is to be paid.

    One transaction; the payment page is opened by ``payment_page`` afterwards. Closing one's own lapsed hold
    comes first and may ask Stripe, so never inside a transaction.

    Raises:
        InvalidError: there is no such offer, it is not for a time, or the series is none.
        DomainError: the refusals of ``hold_series``.
    """
    _refuse_unless_series(wish.starts)
    coach_id = Offer.objects.filter(pk=wish.offer_id).values_list("coach__user_id", flat=True).first()
    if coach_id is not None:
        close_own_lapsed(candidate, coach_id, now=now)
    with trying(now=now):
        offer = offer_on_sale(wish.offer_id)
        if offer.price * len(wish.starts) > HIGHEST_PRICE:
            raise InvalidError(fields={"starts": ["Together they cost more than one payment may."]})
        held = _hold(offer, wish, candidate=candidate, now=now)
        return BookedSeries(_sessions(held, offer, wish, now=now), held.refused, is_new=held.is_new)


def _refuse_unless_series(starts: Sequence[datetime]) -> None:
    if not 1 <= len(starts) <= settings.MOST_IN_A_SERIES:
        raise InvalidError(fields={"starts": [f"From 1 to {settings.MOST_IN_A_SERIES} times."]})
    if len(set(starts)) < len(starts):
        raise InvalidError(fields={"starts": ["Each time once."]})


def _hold(offer: Offer, wish: SeriesWish, *, candidate: User, now: datetime) -> HeldSeries:
    def check(booking: Booking, earlier: Sequence[Booking]) -> None:
        check_quotas(offer, booking, earlier=earlier, now=now)

    asked = AskedSeries(
        coach_id=offer.coach.user_id,
        candidate=candidate,
        starts=wish.starts,
        terms=terms_of(offer),
        timezone=wish.timezone,
        partial=wish.partial,
    )
    return hold_series(asked, check=check, now=now)


def _sessions(held: HeldSeries, offer: Offer, wish: SeriesWish, *, now: datetime) -> list[Session]:
    if held.is_new:
        code = wish.private_code
        return open_sessions(held.bookings, offer, answers=wish.answers, private_code=code, now=now)
    ids = [booking.pk for booking in held.bookings]
    return list(Session.objects.with_people().filter(pk__in=ids).order_by("booking__starts_at"))
