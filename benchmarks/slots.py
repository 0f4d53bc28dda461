"""The slots of one coach for thirty days, with a million bookings in the table, beside plain SQL.

Buffers, limits, and a connected calendar with something in it every other day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.coaches import NOW, bookings, month, people, windows_like, with_schedule
from benchmarks.measure import Measure, pair
from benchmarks.scratch import scratch_database

COACHES, EACH, AHEAD = 500, 2000, 120

# An hour and a half each, on the half hour, over the months ahead.
BUSY = """
WITH calendar AS (
    INSERT INTO scheduling_connectedcalendar (
        owner_id, kind, name, address, username, secret, writes, stale_after_minutes, connected_at, failure,
        failures, synced_at, stale_at, read_until
    )
    SELECT coach, 'ics', 'Mine', '', '', '', false, 120, %(now)s, '', 0,
           %(now)s, %(now)s + '2 hours'::interval, %(now)s + '90 days'::interval
    FROM unnest(%(coaches)s) AS coach RETURNING id, owner_id
)
INSERT INTO scheduling_busytime (calendar_id, owner_id, uid, period)
SELECT id, owner_id, n::text, tstzrange(at, at + '90 min'::interval)
FROM calendar, generate_series(1, 45) n,
     LATERAL (SELECT date_trunc('hour', %(now)s::timestamptz) + n * '50.5 hours'::interval AS at) AS of_n
"""
# The same question in one statement: windows, grid, notice, booking window, buffers, bookings, limits, busy.
PLAIN = """
WITH of_coach AS (SELECT * FROM scheduling_schedule WHERE coach_id = %(coach)s),
windows AS (
    SELECT lower(period) AS lo, upper(period) AS hi, anchor_at FROM scheduling_openwindow
    WHERE coach_id = %(coach)s AND period && tstzrange(%(from)s, %(to)s)
), bookings AS (
    SELECT blocked, (starts_at AT TIME ZONE timezone_of)::date AS "on"
    FROM scheduling_booking, (SELECT timezone AS timezone_of FROM of_coach) AS home
    WHERE coach_id = %(coach)s
      AND starts_at BETWEEN %(from)s - '9 days'::interval AND %(to)s + '9 days'::interval
      AND state IN ('held', 'requested', 'confirmed', 'completed', 'no_show_candidate', 'no_show_coach')
      AND NOT (state = 'held' AND NOT guarded AND NOT from_waitlist AND hold_expires_at <= %(now)s)
), busy AS MATERIALIZED (
    SELECT period FROM scheduling_busytime WHERE owner_id = %(coach)s
    AND upper(period) > %(from)s - '2 days'::interval AND lower(period) < %(to)s + '2 days'::interval
), stale AS MATERIALIZED (
    SELECT 1 FROM scheduling_connectedcalendar WHERE owner_id = %(coach)s AND stale_at < %(now)s
), per_day AS (SELECT "on", count(*) AS many FROM bookings GROUP BY 1),
per_week AS (SELECT date_trunc('week', "on") AS week, count(*) AS many FROM bookings GROUP BY 1),
starts AS (
    SELECT at, (at AT TIME ZONE timezone)::date AS "on", of_coach.*
    FROM of_coach, windows, generate_series(
        anchor_at, hi - %(length)s, slot_interval_minutes * '1 minute'::interval
    ) AS at
    WHERE at >= lo AND at >= %(from)s AND at < %(to)s
)
SELECT at FROM starts LEFT JOIN per_day USING ("on")
LEFT JOIN per_week ON week = date_trunc('week', starts."on")
WHERE at >= %(now)s + minimum_notice_minutes * '1 minute'::interval
  AND starts."on" <= (%(now)s AT TIME ZONE timezone)::date + booking_window_days
  AND coalesce(per_day.many, 0) < coalesce(max_per_day, 1000)
  AND coalesce(per_week.many, 0) < coalesce(max_per_week, 1000)
  AND NOT EXISTS (
      SELECT 1 FROM bookings WHERE blocked && tstzrange(
          at - buffer_before_minutes * '1 minute'::interval,
          at + %(length)s + buffer_after_minutes * '1 minute'::interval
      )
  )
  AND NOT EXISTS (
      SELECT 1 FROM busy WHERE period && tstzrange(
          at - buffer_before_minutes * '1 minute'::interval,
          at + %(length)s + buffer_after_minutes * '1 minute'::interval
      )
  )
  AND NOT EXISTS (SELECT 1 FROM stale)
ORDER BY at
"""


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    from django.db import connection  # noqa: PLC0415  (after setup)
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from scheduling.queries.slots import open_starts  # noqa: PLC0415

    coaches, candidates = people("coach", COACHES), people("candidate", COACHES)
    coach = coaches[COACHES // 2]
    with_schedule(User.objects.get(pk=coach))
    windows_like(coach, [other for other in coaches if other != coach])
    with connection.cursor() as cursor:
        cursor.execute(BUSY, {"coaches": coaches, "now": NOW})
    bookings(coaches, candidates, each=EACH, ahead=AHEAD)
    from_at, to_at = month()
    values: dict[str, Any] = {
        "coach": coach,
        "from": from_at,
        "to": to_at,
        "now": NOW,
        "length": timedelta(hours=1),
    }

    def ours() -> list[object]:
        return [*open_starts(coach, duration_minutes=60, from_at=from_at, to_at=to_at, now=NOW)]

    def plain() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute(PLAIN, values)
            return [at for (at,) in cursor.fetchall()]

    if ours() != plain():
        raise AssertionError("The plain statement asks another question.")
    with CaptureQueriesContext(connection) as asked:
        found = ours()
    mine, theirs = pair(ours, plain, runs=41)
    detail = f"{len(found)} slots in {mine:.1f} ms, plain SQL {theirs:.1f} ms, {COACHES * EACH:,} bookings"
    yield Measure("slots_ratio", mine / theirs, "ratio", 3, "lower", detail)
    yield Measure("slots_queries", len(asked), "queries", 6, "lower", "one coach, thirty days")


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line())
