"""The arithmetic of slots against a reference that tries every minute."""

from __future__ import annotations

import os
import time as clock_time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules.slots import Edges, Piece, Taken, Terms, open_minutes
from scheduling.rules.wallclock import DAY, ZoneClock, instant_of, minute_of

MONDAY = minute_of(datetime(2026, 11, 23, tzinfo=UTC))
EVERYTHING = Edges(0, 10**9)


def terms(timezone="UTC", *, interval=30, before=0, after=0, max_per_day=None, max_per_week=None):
    return Terms(ZoneClock(timezone), interval, before, after, max_per_day, max_per_week)


def at(text):
    """``1 09:30``: that time, so many days after the Monday."""
    day, wall = text.split()
    hours, minutes = wall.split(":")
    return MONDAY + int(day) * DAY + int(hours) * 60 + int(minutes)


def piece(start, end, anchor=None):
    return Piece(at(start), at(end), at(anchor or start))


def taken(start, end, before=0, after=0):
    return Taken(at(start), at(start) - before, at(end) + after)


def starts(pieces, bookings=(), *, duration=60, edges=EVERYTHING, **numbers):
    found = open_minutes(pieces, bookings, duration=duration, terms=terms(**numbers), edges=edges)
    return [f"{(m - MONDAY) // DAY} {instant_of(m):%H:%M}" for m in found]


def test_starts_stand_on_the_grid_of_their_window_and_end_inside_it():
    assert starts([piece("0 09:10", "0 11:00")]) == ["0 09:10", "0 09:40"]


def test_touching_is_allowed_on_both_sides():
    assert starts([piece("0 09:00", "0 12:00")], [taken("0 10:00", "0 11:00")]) == ["0 09:00", "0 11:00"]


def test_buffers_of_both_sessions_add_up():
    booking = taken("0 12:00", "0 13:00", before=10, after=20)

    assert starts([piece("0 09:00", "0 16:00")], [booking], before=10, after=20) == [
        "0 09:00",
        "0 09:30",
        "0 10:00",
        "0 10:30",
        "0 13:30",
        "0 14:00",
        "0 14:30",
        "0 15:00",
    ]


def test_buffers_need_not_lie_inside_the_window():
    assert starts([piece("0 09:00", "0 10:00")], before=240, after=240) == ["0 09:00"]


def test_a_session_may_cross_midnight_where_windows_touch():
    pieces = [piece("0 23:00", "1 00:00"), piece("1 00:00", "1 01:00")]

    assert starts(pieces, duration=90) == ["0 23:00", "0 23:30"]


def test_a_start_offered_by_two_windows_is_one_slot():
    pieces = [piece("0 09:00", "0 11:00"), piece("0 10:00", "0 12:00", anchor="0 10:15")]

    assert starts(pieces) == ["0 09:00", "0 09:30", "0 10:00", "0 10:15", "0 10:30", "0 10:45"]
    assert starts([pieces[0], piece("0 10:00", "0 12:00")]) == [
        "0 09:00",
        "0 09:30",
        "0 10:00",
        "0 10:30",
        "0 11:00",
    ]


def test_what_time_off_leaves_keeps_the_grid():
    assert starts([piece("0 10:05", "0 11:45", anchor="0 09:00")], duration=30) == ["0 10:30", "0 11:00"]


def test_limits_count_by_local_date_and_week_from_monday():
    pieces = [piece(f"{day} 12:00", f"{day} 13:00") for day in range(9)]
    two_on_tuesday = [taken("1 05:00", "1 06:00"), taken("1 06:00", "1 07:00")]

    assert starts(pieces, two_on_tuesday, max_per_day=2) == [
        f"{day} 12:00" for day in (0, 2, 3, 4, 5, 6, 7, 8)
    ]
    assert starts(pieces, two_on_tuesday, max_per_week=2) == ["7 12:00", "8 12:00"]
    assert starts(pieces, two_on_tuesday, max_per_week=3) == [f"{day} 12:00" for day in range(9)]


def test_a_booking_counts_on_the_date_it_has_at_the_coachs_home():
    pieces = [piece("0 12:00", "0 13:00"), piece("1 12:00", "1 13:00")]
    late_on_monday_in_london = [taken("0 20:00", "0 21:00")]

    assert starts(pieces, late_on_monday_in_london, max_per_day=1, timezone="Europe/London") == ["1 12:00"]
    assert starts(pieces, late_on_monday_in_london, max_per_day=1, timezone="Asia/Tokyo") == ["0 12:00"]


def test_edges_are_half_open_and_end_with_the_last_local_date():
    pieces = [piece("0 09:00", "0 12:00"), piece("1 09:00", "1 12:00")]

    assert starts(pieces, edges=Edges(at("0 09:30"), at("0 10:30"))) == ["0 09:30", "0 10:00"]
    assert starts(pieces, edges=Edges(0, 10**9, MONDAY // DAY)) == [
        "0 09:00",
        "0 09:30",
        "0 10:00",
        "0 10:30",
        "0 11:00",
    ]


@st.composite
def scenes(draw):
    pieces = []
    for _ in range(draw(st.integers(0, 6))):
        start = MONDAY + draw(st.integers(0, 4 * DAY))
        anchor = start - draw(st.sampled_from([0, 0, 7, 45]))
        pieces.append(Piece(start, start + draw(st.integers(1, 700)), anchor))
    if draw(st.booleans()) and pieces:
        last = pieces[-1]
        pieces.append(Piece(last.end, last.end + 200, last.end))
    bookings = []
    for _ in range(draw(st.integers(0, 6))):
        start = MONDAY + draw(st.integers(0, 4 * DAY))
        end = start + draw(st.sampled_from([15, 30, 60, 90]))
        bookings.append(Taken(start, start - draw(st.integers(0, 240)), end + draw(st.integers(0, 240))))
    limit = st.one_of(st.none(), st.integers(1, 3))
    first = MONDAY + draw(st.integers(-DAY, 3 * DAY))
    return {
        "pieces": pieces,
        "taken": bookings,
        "duration": draw(st.sampled_from([15, 30, 45, 60, 90, 600])),
        "terms": terms(
            draw(st.sampled_from(["UTC", "Asia/Kathmandu", "America/Los_Angeles", "Australia/Lord_Howe"])),
            interval=draw(st.one_of(st.sampled_from([15, 30, 60]), st.integers(5, 120))),
            before=draw(st.sampled_from([0, 5, 10, 240])),
            after=draw(st.sampled_from([0, 5, 15, 240])),
            max_per_day=draw(limit),
            max_per_week=draw(limit),
        ),
        "edges": Edges(
            first,
            first + draw(st.integers(0, 4 * DAY)),
            draw(st.one_of(st.none(), st.just(MONDAY // DAY + 2))),
        ),
    }


def reference(pieces, taken, duration, terms, edges):
    """Every minute is tried by the words of rules 5 to 7."""
    worked = {minute for each in pieces for minute in range(each.start, each.end)}
    zone = ZoneInfo(terms.zone.name)

    def date_of(minute):
        return instant_of(minute).astimezone(zone).date()

    def monday_of(minute):
        return date_of(minute) - timedelta(days=date_of(minute).weekday())

    def is_slot(minute):
        session = range(minute, minute + duration)
        blocked = (minute - terms.before, minute + duration + terms.after)
        return (
            all(each in worked for each in session)
            and any(p.start <= minute < p.end and (minute - p.anchor) % terms.interval == 0 for p in pieces)
            and all(b.blocked_to <= blocked[0] or blocked[1] <= b.blocked_from for b in taken)
            and (edges.last_day is None or (date_of(minute) - date_of_epoch()).days <= edges.last_day)
            and (
                not terms.max_per_day
                or sum(date_of(b.starts) == date_of(minute) for b in taken) < terms.max_per_day
            )
            and (
                not terms.max_per_week
                or sum(monday_of(b.starts) == monday_of(minute) for b in taken) < terms.max_per_week
            )
        )

    return [m for m in sorted(worked) if edges.first <= m < edges.end and is_slot(m)]


def date_of_epoch():
    return datetime(1970, 1, 1, tzinfo=UTC).date()


@settings(max_examples=200, derandomize=True, deadline=None)
@given(scene=scenes())
def test_no_slot_is_missing_and_none_is_wrong(scene):
    assert open_minutes(**scene) == reference(**scene)


@pytest.fixture
def server_in_kathmandu(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    clock_time.tzset()
    yield
    monkeypatch.delenv("TZ")
    os.environ["TZ"] = "UTC"
    clock_time.tzset()


def test_the_servers_zone_changes_nothing(server_in_kathmandu):
    test_limits_count_by_local_date_and_week_from_monday()
    test_a_booking_counts_on_the_date_it_has_at_the_coachs_home()
    test_no_slot_is_missing_and_none_is_wrong()
