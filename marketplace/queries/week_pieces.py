"""What a coach's week is made of: open windows, sessions and what waits, busy times elsewhere, time off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from accounts.models import User
from marketplace.models import Session
from scheduling.models import BusyTime, OpenWindow
from scheduling.rules.availability import Absence
from scheduling.states import OCCUPYING, BookingState

Kind = Literal["open", "away", "busy", "held", "requested", "confirmed", "past"]
Span = tuple[datetime, datetime]
BOOKED: frozenset[Kind] = frozenset({"held", "requested", "confirmed", "past"})


@dataclass(frozen=True)
class Piece:
    """Something between two instants. ``words`` name the calendar that says busy."""

    kind: Kind
    span: Span
    session: Session | None = None
    words: str = ""


def pieces_of(
    coach: User, whole: Span, bookable: Span, absences: Iterable[Absence], *, now: datetime
) -> list[Piece]:
    """By start, and what lies behind before what stands on it. Three queries.

    Windows are open only within ``bookable``: notice and booking window close the rest.
    """
    pieces = [
        *_open(coach, (max(whole[0], bookable[0]), min(whole[1], bookable[1]))),
        *_away(absences, whole),
        *_busy(coach, whole),
        *_sessions(coach, whole, now),
    ]
    return sorted(pieces, key=lambda piece: piece.span[0])


def _open(coach: User, ahead: Span) -> list[Piece]:
    if ahead[0] >= ahead[1]:
        return []
    windows = OpenWindow.objects.filter(coach=coach, period__overlap=ahead).order_by("period")
    bounds = windows.values_list("period__startswith", "period__endswith")
    return [
        Piece("open", (max(starts_at, ahead[0]), min(ends_at, ahead[1]))) for starts_at, ends_at in bounds
    ]


def _away(absences: Iterable[Absence], whole: Span) -> list[Piece]:
    return [
        Piece("away", (absence.starts_at, absence.ends_at), words="Time off")
        for absence in absences
        if absence.starts_at < whole[1] and whole[0] < absence.ends_at
    ]


def _busy(coach: User, whole: Span) -> list[Piece]:
    busy = BusyTime.objects.between(coach.pk, *whole).order_by("period", "pk")
    rows = busy.values_list("period__startswith", "period__endswith", "calendar__name")
    return [Piece("busy", (starts_at, ends_at), words=name) for starts_at, ends_at, name in rows]


def _sessions(coach: User, whole: Span, now: datetime) -> list[Piece]:
    sessions = (
        Session.objects.as_coach(coach)
        .with_people()
        .filter(
            booking__state__in=OCCUPYING,
            booking__starts_at__lt=whole[1],
            booking__ends_at__gt=whole[0],
        )
        .order_by("booking__starts_at")
    )
    return [
        Piece(_kind(session, now), (session.booking.starts_at, session.booking.ends_at), session)
        for session in sessions
        if not _is_lapsed_hold(session, now)
    ]


def _is_lapsed_hold(session: Session, now: datetime) -> bool:
    booking = session.booking
    return booking.state == BookingState.HELD and not booking.is_unexpired_hold(now) and not booking.guarded


def _kind(session: Session, now: datetime) -> Kind:
    if session.booking.ends_at <= now:
        return "past"
    return {
        BookingState.HELD: "held",
        BookingState.REQUESTED: "requested",
    }.get(BookingState(session.booking.state), "confirmed")  # type: ignore[return-value]
