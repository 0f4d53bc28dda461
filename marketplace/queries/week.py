"""A coach's week as a calendar: what is open, held, asked for and booked, on wall time of one zone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from accounts.models import User
from marketplace.models import Session
from scheduling.models import OpenWindow
from scheduling.states import OCCUPYING, BookingState

DAYS = 7
QUARTERS_AN_HOUR = 4
EARLIEST_HOUR, LATEST_HOUR = 8, 19  # shown even when nothing is there

Kind = Literal["open", "held", "requested", "confirmed", "past"]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Block:
    """Part of one day. ``row`` counts quarter hours from the grid's top, from 1; ``rows`` is its height."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    row: int
    rows: int
    session: Session | None = None


@dataclass(frozen=True)
class Day:
    on: date
    is_today: bool
    blocks: list[Block]


@dataclass(frozen=True)
class Week:
    """``clock_changes`` are the days of this week on which the zone's clocks change."""

    monday: date
    zone: ZoneInfo
    hours: range
    days: list[Day]
    clock_changes: list[date]

    @property
    def previous(self) -> date:
        return self.monday - timedelta(days=DAYS)

    @property
    def next(self) -> date:
        return self.monday + timedelta(days=DAYS)

    @property
    def is_empty(self) -> bool:
        return not any(day.blocks for day in self.days)


def week_of(coach: User, on: date, *, zone: ZoneInfo, now: datetime) -> Week:
    """The week (from Monday) that contains the local date ``on``. Two queries."""
    monday = on - timedelta(days=on.weekday())
    midnights = [_midnight(monday + timedelta(days=offset), zone) for offset in range(DAYS + 1)]
    whole = (midnights[0], midnights[-1])
    spans = [*_open_spans(coach, (max(whole[0], now), whole[1])), *_session_spans(coach, whole, now)]
    hours = _hours(spans, midnights, zone)
    days = [
        Day(
            on=monday + timedelta(days=offset),
            is_today=now.astimezone(zone).date() == monday + timedelta(days=offset),
            blocks=_blocks(spans, (midnights[offset], midnights[offset + 1]), zone, hours.start),
        )
        for offset in range(DAYS)
    ]
    return Week(monday, zone, hours, days, _changes(monday, midnights, zone))


@dataclass(frozen=True)
class _Piece:
    kind: Kind
    span: Span
    session: Session | None = None


def _open_spans(coach: User, ahead: Span) -> Iterable[_Piece]:
    """Nobody can book what has passed: a window is open from now on."""
    if ahead[0] >= ahead[1]:
        return []
    windows = OpenWindow.objects.filter(coach=coach, period__overlap=ahead).order_by("period")
    bounds = windows.values_list("period__startswith", "period__endswith")
    return [_Piece("open", (max(starts_at, ahead[0]), ends_at)) for starts_at, ends_at in bounds]


def _session_spans(coach: User, whole: Span, now: datetime) -> Iterable[_Piece]:
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
        _Piece(_kind(session, now), (session.booking.starts_at, session.booking.ends_at), session)
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


def _blocks(pieces: Iterable[_Piece], day: Span, zone: ZoneInfo, first_hour: int) -> list[Block]:
    return [
        _block(piece, max(piece.span[0], day[0]), min(piece.span[1], day[1]), zone, first_hour)
        for piece in pieces
        if piece.span[0] < day[1] and day[0] < piece.span[1]
    ]


def _block(piece: _Piece, starts_at: datetime, ends_at: datetime, zone: ZoneInfo, first_hour: int) -> Block:
    top = _quarter(starts_at, zone) - first_hour * QUARTERS_AN_HOUR
    bottom = _quarter(ends_at - timedelta.resolution, zone) + 1 - first_hour * QUARTERS_AN_HOUR
    # In the hour that comes twice, wall time runs backwards: a block is at least one quarter high.
    rows = max(bottom - top, 1)
    return Block(piece.kind, starts_at, ends_at, top + 1, rows, piece.session)


def _quarter(instant: datetime, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return (local.hour * 60 + local.minute) // 15


def _hours(pieces: Iterable[_Piece], midnights: list[datetime], zone: ZoneInfo) -> range:
    first, last = EARLIEST_HOUR, LATEST_HOUR
    for piece in pieces:
        for day in itertools.pairwise(midnights):
            starts_at, ends_at = max(piece.span[0], day[0]), min(piece.span[1], day[1])
            if starts_at < ends_at:
                first = min(first, starts_at.astimezone(zone).hour)
                last = max(last, (ends_at - timedelta.resolution).astimezone(zone).hour)
    return range(first, last + 1)


def _changes(monday: date, midnights: list[datetime], zone: ZoneInfo) -> list[date]:
    offsets = [midnight.astimezone(zone).utcoffset() for midnight in midnights]
    return [monday + timedelta(days=day) for day in range(DAYS) if offsets[day] != offsets[day + 1]]


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone).astimezone(UTC)
