"""Scheduling's periodic jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.periodic import periodic
from scheduling.domain import completing, moving, reminders, syncing, windows


@periodic(every=timedelta(minutes=1))
def expire_due_bookings(now: datetime) -> int:
    """Lapsed holds and unanswered requests run out."""
    return completing.expire_due(now)


@periodic(every=timedelta(minutes=1))
def complete_due_bookings(now: datetime) -> int:
    """Confirmed sessions that have ended are complete."""
    return completing.complete_due(now)


@periodic(every=timedelta(minutes=1))
def remind_of_near_sessions(now: datetime) -> int:
    """Both sides are reminded a day and an hour before."""
    return reminders.remind_due(now)


@periodic(every=timedelta(minutes=1))
def rebuild_due_windows(now: datetime) -> int:
    """At a coach's midnight his booking window grows by a day."""
    return windows.rebuild_due(now)


@periodic(every=timedelta(minutes=1))
def lapse_unanswered_proposals(now: datetime) -> int:
    """A coach's proposal to move that nobody answered: the old time stands."""
    return moving.lapse_due(now)


@periodic(every=timedelta(minutes=1))
def sync_due_calendars(now: datetime) -> int:
    """Connected calendars are read every few minutes."""
    return syncing.sync_due(now)
