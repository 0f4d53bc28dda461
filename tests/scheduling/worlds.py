"""Worlds for hypothesis: a coach anywhere, days around which his clocks may change, what is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from core.instants import instant_json, zone_names
from scheduling.states import BookingState as S
from tests.scheduling.reference import DAY, MINUTE, WEEKDAYS, changes

ZONES = sorted(zone_names())
CURIOUS = [
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]
"""Half an hour of daylight saving, changes at midnight, two hours at once, the ends of the world."""
zones = st.one_of(st.sampled_from(CURIOUS), st.sampled_from(ZONES))
RRULES = [
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=WEEKLY;BYDAY=SA,SU,MO;COUNT=4",
    "FREQ=MONTHLY;BYMONTHDAY=-1,1,15",
]
MICROSECOND = timedelta(microseconds=1)
STATES = [
    (S.CONFIRMED, {}),
    (S.REQUESTED, {}),
    (S.COMPLETED, {}),
    (S.NO_SHOW_COACH, {}),
    (S.CANCELLED, {}),
    (S.EXPIRED, {}),
    (S.HELD, {}),
    (S.HELD, {"lapsed": True}),
    (S.HELD, {"lapsed": True, "guarded": True}),
]


@dataclass(frozen=True)
class Placed:
    """A booking to be: where it starts, how long it lasts, the buffers it was made with, its state."""

    starts_at: datetime
    minutes: int
    before: int
    after: int
    state: S
    lapsed: bool = False
    guarded: bool = False

    @property
    def is_regarded(self) -> bool:
        given_up = self.state in {S.CANCELLED, S.EXPIRED} or (self.lapsed and not self.guarded)
        return not given_up


@dataclass(frozen=True)
class World:
    """``body`` is what the coach puts; ``minutes`` how long his session lasts.

    ``busy`` is what a connected calendar says, ``known_for`` how long yet (None: there is no calendar).
    """

    now: datetime
    body: dict
    placed: tuple[Placed, ...]
    busy: tuple[tuple[datetime, datetime], ...]
    known_for: timedelta | None
    minutes: int


@st.composite
def wall_windows(draw):
    start = draw(st.one_of(st.integers(0, 95).map(lambda n: 15 * n), st.integers(0, 1438)))
    end = min(1440, start + draw(st.sampled_from([30, 61, 180, 480, 720, 1440])))
    return [_wall(start), _wall(end)]


@st.composite
def moments(draw, zone):
    """A minute of some day, more often than not shortly before the clocks change, and some seconds of it."""
    year = draw(st.integers(2025, 2036))
    near = changes(zone, year) or [datetime(year, 6, 1, tzinfo=UTC)]
    some = datetime(year, 1, 1, tzinfo=UTC) + draw(st.integers(0, 360)) * DAY
    day = draw(st.sampled_from([*near, *near, some])) - draw(st.integers(0, 4)) * DAY
    return day + draw(st.integers(0, 86_399)) * timedelta(seconds=1)


@st.composite
def worlds(draw):
    zone = draw(zones)
    now = draw(moments(zone))
    first = now.date()
    lazy = draw(st.integers(0, 1))
    body = {
        "timezone": zone,
        "weekly": {day: draw(st.lists(wall_windows(), min_size=lazy, max_size=2)) for day in WEEKDAYS},
        "rules": draw(st.lists(_rules(first), max_size=1)),
        "overrides": draw(_overrides(first)),
        "time_off": draw(st.lists(_absences(now), max_size=2)),
        "travel": draw(st.lists(_trips(first), max_size=1)),
        "paused_until": draw(st.sampled_from([None] * 14 + [instant_json(now + DAY), instant_json(now)])),
        "slot_interval_minutes": draw(st.sampled_from([5, 15, 25, 30, 45, 60, 90, 120])),
        "buffer_before_minutes": draw(st.sampled_from([0, 0, 10, 240])),
        "buffer_after_minutes": draw(st.sampled_from([0, 0, 15, 240])),
        "minimum_notice_minutes": draw(st.sampled_from([0, 1, 60, 60, 720])),
        "booking_window_days": draw(st.sampled_from([1, 3, 5, 5])),
        "max_per_day": draw(st.sampled_from([None, None, 1, 2])),
        "max_per_week": draw(st.sampled_from([None, None, 2, 3])),
    }
    placed = draw(st.lists(_placed(now), max_size=9))
    known_for = draw(st.sampled_from([None] * 5 + [90 * DAY] * 9 + [0 * DAY, -MICROSECOND]))
    busy = draw(st.lists(_ranges(now), max_size=3)) if known_for is not None else []
    minutes = draw(st.sampled_from([15, 30, 45, 60, 90, 480]))
    return World(now, body, _apart(placed), tuple(busy), known_for, minutes)


@st.composite
def _rules(draw, first):
    starts = first - draw(st.integers(0, 30)) * DAY
    return {
        "rrule": draw(st.sampled_from(RRULES)),
        "from": starts.isoformat(),
        "windows": draw(st.lists(wall_windows(), min_size=1, max_size=2)),
    }


@st.composite
def _overrides(draw, first):
    days = draw(st.lists(st.integers(-1, 5), max_size=2, unique=True))
    return [
        {"date": _day(first, n), "windows": draw(st.lists(wall_windows(), max_size=2))} for n in sorted(days)
    ]


@st.composite
def _absences(draw, now):
    starts, ends = draw(_ranges(now))
    return {"starts_at": instant_json(starts), "ends_at": instant_json(ends)}


@st.composite
def _ranges(draw, now):
    starts = now + draw(st.integers(-1000, 6000)) * MINUTE
    if draw(st.booleans()):
        starts = starts.replace(second=0, microsecond=0)
    return starts, starts + draw(st.sampled_from([1, 15, 60, 600, 3000])) * MINUTE


@st.composite
def _trips(draw, first):
    begins = draw(st.integers(-2, 4))
    lasts = draw(st.one_of(st.none(), st.integers(0, 3)))
    return {
        "from": _day(first, begins),
        "to": None if lasts is None else _day(first, begins + lasts),
        "timezone": draw(zones),
    }


@st.composite
def _placed(draw, now):
    state, how = draw(st.sampled_from(STATES))
    quarter = now.replace(minute=0, second=0, microsecond=0) + draw(st.integers(-40, 400)) * 15 * MINUTE
    buffers = draw(st.tuples(*[st.sampled_from([0, 5, 240])] * 2))
    return Placed(quarter, draw(st.sampled_from([15, 60, 90])), *buffers, state=state, **how)


def _apart(placed):
    """Those that can stand side by side: the database holds no others."""
    kept = []
    for one in placed:
        if all(abs(one.starts_at - other.starts_at) > 10 * 60 * MINUTE for other in kept):
            kept.append(one)
    return tuple(kept)


def _wall(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def _day(first: date, step: int) -> str:
    return (first + step * DAY).isoformat()
