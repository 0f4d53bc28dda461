"""A coach's week as a calendar: what is open, held, asked for, booked and busy, on wall time of one zone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from marketplace.models import Session
from marketplace.queries.week_pieces import BOOKED, Kind, Piece, Span, pieces_of
from scheduling.models import ConnectedCalendar, Schedule
from scheduling.queries.openings import bookable_between
from scheduling.queries.plan import availability_from
from scheduling.rules.availability import Availability
from scheduling.rules.expansion import Span as Minutes
from scheduling.rules.expansion import merged, without
from scheduling.rules.wallclock import DAY as A_DAY
from scheduling.rules.wallclock import ZoneClock, day_of, instant_of, minute_from, minute_of

DAYS = 7
QUARTERS_AN_HOUR = 4
EARLIEST_HOUR, LATEST_HOUR = 8, 19  # shown even when nothing is there
HALF_AN_HOUR = 30
SHORTEST_DAY = timedelta(hours=23)


@dataclass(frozen=True)
class Block:
    """Part of one day. ``row`` counts quarter hours from the grid's top, from 1; ``rows`` is its height."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    row: int
    rows: int
    session: Session | None = None
    words: str = ""

    @property
    def is_all_day(self) -> bool:
        return self.ends_at - self.starts_at >= SHORTEST_DAY


@dataclass(frozen=True)
class Cell:
    """Half an hour of the wall clock, to be asked about by its first instant."""

    at: datetime
    row: int


@dataclass(frozen=True)
class Day:
    """``note`` says what is different about the date: a day off, other hours, a trip."""

    on: date
    is_today: bool
    blocks: list[Block]
    cells: list[Cell]
    note: str


@dataclass(frozen=True)
class Totals:
    """Lengths of time in the week; ``free`` is what can be booked still: open, and not taken."""

    booked: timedelta
    sessions: int
    waiting: int
    busy: timedelta
    free: timedelta


@dataclass(frozen=True)
class Week:
    """``clock_changes`` are days on which the zone's clocks change; ``stale`` are calendars that close it."""

    monday: date
    zone: ZoneInfo
    hours: range
    days: list[Day]
    clock_changes: list[date]
    totals: Totals
    stale: list[ConnectedCalendar]

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
    """The week (from Monday) that contains the local date ``on``. Nine queries."""
    monday = on - timedelta(days=on.weekday())
    midnights = [_midnight(monday + timedelta(days=offset), zone) for offset in range(DAYS + 1)]
    whole = (midnights[0], midnights[-1])
    schedule = Schedule.objects.filter(coach=coach).first()
    stated = availability_from(schedule) if schedule else Availability(timezone=zone.key)
    bookable = bookable_between(schedule, now) if schedule else (now, now)
    pieces = pieces_of(coach, whole, bookable, stated.time_off, now=now)
    hours = _hours(pieces, midnights, zone)
    today = now.astimezone(zone).date()
    days = [
        Day(
            on=day,
            is_today=day == today,
            blocks=_blocks(pieces, span, zone, hours.start),
            cells=_cells(day, zone, hours),
            note=_note(stated, day),
        )
        for day, span in zip(_days(monday), itertools.pairwise(midnights), strict=True)
    ]
    stale = list(ConnectedCalendar.objects.filter(owner=coach).stale(now))
    return Week(monday, zone, hours, days, _changes(monday, midnights, zone), _totals(pieces, whole), stale)


def _days(monday: date) -> list[date]:
    return [monday + timedelta(days=offset) for offset in range(DAYS)]


def _blocks(pieces: Iterable[Piece], day: Span, zone: ZoneInfo, first_hour: int) -> list[Block]:
    return [
        _block(piece, max(piece.span[0], day[0]), min(piece.span[1], day[1]), zone, first_hour)
        for piece in pieces
        if piece.span[0] < day[1] and day[0] < piece.span[1]
    ]


def _block(piece: Piece, starts_at: datetime, ends_at: datetime, zone: ZoneInfo, first_hour: int) -> Block:
    top = _quarter(starts_at, zone) - first_hour * QUARTERS_AN_HOUR
    bottom = _quarter(ends_at - timedelta.resolution, zone) + 1 - first_hour * QUARTERS_AN_HOUR
    # In the hour that comes twice, wall time runs backwards: a block is at least one quarter high.
    rows = max(bottom - top, 1)
    return Block(piece.kind, starts_at, ends_at, top + 1, rows, piece.session, piece.words)


def _quarter(instant: datetime, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return (local.hour * 60 + local.minute) // 15


def _cells(day: date, zone: ZoneInfo, hours: range) -> list[Cell]:
    """Every half hour that the day's wall clock shows; of one that comes twice, the first."""
    clock, midnight = ZoneClock(zone.key), day_of(day) * A_DAY
    walls = range(hours.start * 60, hours.stop * 60, HALF_AN_HOUR)
    minutes = [(wall, clock.minute(midnight + wall)) for wall in walls]
    return [
        Cell(instant_of(minute), (wall // 60 - hours.start) * QUARTERS_AN_HOUR + wall % 60 // 15 + 1)
        for wall, minute in minutes
        if clock.wall(minute) == midnight + wall
    ]


def _note(stated: Availability, day: date) -> str:
    trip = next((trip for trip in stated.travel if trip.covers(day)), None)
    override = next((override for override in stated.overrides if override.on == day), None)
    if override is not None and not override.windows:
        return "Day off"
    said = ["Other hours"] if override else []
    return ", ".join([*said, *([f"in {trip.timezone.replace('_', ' ')}"] if trip else [])])


def _hours(pieces: Iterable[Piece], midnights: Sequence[datetime], zone: ZoneInfo) -> range:
    """The hours that something happens in, and those of a usual day. Time off closes them and shows none."""
    first, last = EARLIEST_HOUR, LATEST_HOUR
    for piece in pieces:
        if piece.kind == "away":
            continue
        for day in itertools.pairwise(midnights):
            starts_at, ends_at = max(piece.span[0], day[0]), min(piece.span[1], day[1])
            if starts_at < ends_at:
                first = min(first, starts_at.astimezone(zone).hour)
                last = max(last, (ends_at - timedelta.resolution).astimezone(zone).hour)
    return range(first, last + 1)


def _totals(pieces: Iterable[Piece], whole: Span) -> Totals:
    pieces = list(pieces)
    ours = [piece for piece in pieces if piece.kind in BOOKED]
    held = [piece for piece in ours if piece.kind in {"held", "requested"}]
    sessions = [piece for piece in ours if piece.kind in {"confirmed", "past"}]
    busy = merged(_minutes(piece, whole) for piece in pieces if piece.kind == "busy")
    taken = merged([*(_minutes(piece, whole) for piece in ours), *busy])
    windows = merged(_minutes(piece, whole) for piece in pieces if piece.kind == "open")
    return Totals(
        booked=_length(_minutes(piece, whole) for piece in sessions),
        sessions=len(sessions),
        waiting=len(held),
        busy=_length(busy),
        free=_length(rest for window in windows for rest in without(window, taken)),
    )


def _minutes(piece: Piece, whole: Span) -> Minutes:
    """Cut to the week; what is no whole minute counts as one."""
    return Minutes(minute_of(max(piece.span[0], whole[0])), minute_from(min(piece.span[1], whole[1])))


def _length(spans: Iterable[Minutes]) -> timedelta:
    return timedelta(minutes=sum(span.end - span.start for span in spans))


def _changes(monday: date, midnights: Sequence[datetime], zone: ZoneInfo) -> list[date]:
    offsets = [midnight.astimezone(zone).utcoffset() for midnight in midnights]
    return [day for at, day in enumerate(_days(monday)) if offsets[at] != offsets[at + 1]]


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone).astimezone(UTC)
