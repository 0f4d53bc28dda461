"""How often one may: free sessions of mentors and intro calls (rules/scheduling.md 19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from core.instants import parse_zone
from marketplace.models import Coach, Offer, Session
from marketplace.models.session import SessionQuerySet
from marketplace.rules.vocabulary import CoachKind, OfferKind
from scheduling.domain.tries import SlotUnavailableError
from scheduling.models import Booking
from scheduling.states import LIVE, BookingState

_CAME_TO_NOTHING = (BookingState.EXPIRED, BookingState.DECLINED)


def check_quotas(offer: Offer, booking: Booking, *, now: datetime, earlier: Sequence[Booking] = ()) -> None:
    """Refuse one too many.

    ``booking`` has just been made, so its coach and its candidate are locked: two tries count each other.
    ``earlier`` are those of its series that were made before it and are no sessions yet.

    Raises:
        SlotUnavailableError: ``quota`` (the mentor's month is full), ``candidate_limit``, ``intro_used``.
    """
    others = Session.objects.exclude(pk=booking.pk)
    reason = None
    if offer.is_intro:
        reason = "intro_used" if earlier else _intro_refused(others, booking, now)
    elif offer.coach.is_mentor:
        reason = _mentoring_refused(others, offer, booking, earlier, now)
    if reason:
        raise SlotUnavailableError(reason)


def check_month(offer: Offer, session: Session, starts_at: datetime) -> None:
    """Refuse to move a mentor's session into another month of his that is full.

    Raises:
        SlotUnavailableError: ``quota``.
    """
    mentor = offer.coach
    if offer.is_intro or not mentor.is_mentor:
        return
    moves_within = _month_of(mentor, session.booking.starts_at) == _month_of(mentor, starts_at)
    sessions = Session.objects.exclude(pk=session.pk).filter(offer__kind=OfferKind.SESSION)
    if not moves_within and _is_month_full(sessions, mentor, starts_at):
        raise SlotUnavailableError("quota")


def _intro_refused(others: SessionQuerySet, booking: Booking, now: datetime) -> str | None:
    intros = others.as_candidate(booking.candidate).filter(offer__kind=OfferKind.INTRO)
    if _counting(intros).filter(booking__coach=booking.coach_id).exists():
        return "intro_used"
    open_ones = intros.filter(booking__state__in=LIVE, booking__starts_at__gt=now)
    return "candidate_limit" if open_ones.count() >= settings.MOST_OPEN_INTRO_CALLS else None


def _mentoring_refused(
    others: SessionQuerySet, offer: Offer, booking: Booking, earlier: Sequence[Booking], now: datetime
) -> str | None:
    sessions = others.filter(offer__kind=OfferKind.SESSION)
    lately = _counting(sessions.as_candidate(booking.candidate)).filter(
        booking__coach__coach__kind=CoachKind.MENTOR,
        booking__created_at__gt=now - settings.MENTOR_CANDIDATE_PERIOD,
    )
    if lately.count() + len(earlier) >= settings.MENTOR_SESSIONS_PER_CANDIDATE:
        return "candidate_limit"
    return "quota" if _is_month_full(sessions, offer.coach, booking.starts_at, earlier) else None


def _is_month_full(
    sessions: SessionQuerySet, mentor: Coach, starts_at: datetime, earlier: Sequence[Booking] = ()
) -> bool:
    """Whether the mentor's month, in his zone, in which a session would be is full without it."""
    if mentor.monthly_quota is None:
        return False
    first, following = _month_of(mentor, starts_at)
    held = sessions.filter(
        booking__coach=mentor.user_id, booking__starts_at__gte=first, booking__starts_at__lt=following
    ).exclude(booking__state__in=[*_CAME_TO_NOTHING, BookingState.CANCELLED])
    held_with_it = sum(first <= each.starts_at < following for each in earlier)
    return held.count() + held_with_it >= mentor.monthly_quota


def _counting(sessions: SessionQuerySet) -> QuerySet[Session]:
    """All but expired and declined ones and those that the coach or mentor cancelled.

    Nor an offer from the waitlist that was let go: nobody had asked for that very time.
    """
    by_coach = Q(booking__state=BookingState.CANCELLED, booking__cancelled_by=F("booking__coach"))
    let_go = Q(
        booking__state=BookingState.CANCELLED,
        booking__from_waitlist=True,
        booking__confirmed_at=None,
        booking__requested_at=None,
    )
    return sessions.exclude(booking__state__in=_CAME_TO_NOTHING).exclude(by_coach).exclude(let_go)


def _month_of(mentor: Coach, starts_at: datetime) -> tuple[datetime, datetime]:
    local = starts_at.astimezone(parse_zone(mentor.timezone))
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1)
