"""The editor's preview is what candidates see once it is saved, with bookings and busy times regarded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.domain.schedules import replace_availability
from scheduling.models import BusyTime, ConnectedCalendar
from scheduling.queries.preview import PREVIEW, preview_starts
from scheduling.queries.slots import open_starts
from scheduling.rules.availability_input import parse_availability
from tests.scheduling.stage import confirmed
from tests.scheduling.test_availability_api import EVERYTHING

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATED = parse_availability({**EVERYTHING, "paused_until": None}, default_timezone="UTC")
USUAL = parse_availability(
    {"timezone": "UTC", "weekly": {"wednesday": [["09:00", "13:00"]]}, "buffer_after_minutes": 15},
    default_timezone="UTC",
)
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def connect(owner, stale_at):
    return ConnectedCalendar.objects.create(
        owner=owner,
        kind="ics",
        name="Family",
        address=b"sealed",
        connected_at=NOW,
        synced_at=NOW,
        stale_at=stale_at,
        read_until=NOW + timedelta(days=90),
    )


def previewed(coach, stated):
    return preview_starts(coach.pk, stated, duration_minutes=60, now=NOW)


def shown(coach):
    return open_starts(coach.pk, duration_minutes=60, from_at=NOW, to_at=NOW + PREVIEW, now=NOW)


@pytest.mark.parametrize("stated", [STATED, USUAL], ids=["all kinds of rules", "one window"])
def test_the_preview_is_what_is_shown_after_saving(ada, ben, stated):
    confirmed(ada, ben, starts_at=WEDNESDAY)
    calendar = connect(ada, NOW + HOUR)
    BusyTime.objects.create(calendar=calendar, owner=ada, period=(WEDNESDAY + HOUR, WEDNESDAY + 2 * HOUR))
    before = previewed(ada, stated)

    replace_availability(ada, stated, by=ada, now=NOW)

    assert before == shown(ada)
    assert before


def test_bookings_busy_times_and_buffers_are_regarded(ada, ben):
    confirmed(ada, ben, starts_at=WEDNESDAY)
    calendar = connect(ada, NOW + HOUR)
    BusyTime.objects.create(
        calendar=calendar, owner=ada, period=(WEDNESDAY + 3 * HOUR, WEDNESDAY + 3.5 * HOUR)
    )

    first_week = [start for start in previewed(ada, USUAL) if start < NOW + timedelta(days=7)]

    assert first_week == [WEDNESDAY + HOUR, WEDNESDAY + 1.5 * HOUR]


def test_a_stale_calendar_closes_the_preview_too(ada):
    connect(ada, NOW - HOUR)

    assert previewed(ada, USUAL) == []


def test_a_preview_asks_three_questions(ada, django_assert_num_queries):
    with django_assert_num_queries(3):
        previewed(ada, STATED)
