"""Scheduling's periodic jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.log import get_logger
from core.periodic import periodic
from scheduling.domain import completing, windows

log = get_logger(__name__)


@periodic(every=timedelta(minutes=1))
def expire_due_bookings(now: datetime) -> int:
    """Lapsed holds and unanswered requests run out."""
    return completing.expire_due(now)


@periodic(every=timedelta(minutes=1))
def complete_due_bookings(now: datetime) -> int:
    """Confirmed sessions that have ended are complete."""
    return completing.complete_due(now)


@periodic(every=timedelta(minutes=1))
def rebuild_due_windows(now: datetime) -> int:
    """At a coach's midnight his booking window grows by a day."""
    built = 0
    for coach_id in windows.due_for_rebuild(now):
        try:
            windows.rebuild_windows(coach_id, now=now)
        except Exception:
            # One schedule that cannot be built must not keep all others at yesterday.
            log.exception("windows.failed", coach=coach_id)
        else:
            built += 1
    return built
