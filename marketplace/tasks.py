"""The marketplace's periodic jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.periodic import periodic
from marketplace.domain import attendance, copies, reviews


@periodic(every=timedelta(minutes=1))
def publish_due_reviews(now: datetime) -> int:
    """A review that only one side wrote is blind for a week."""
    return reviews.publish_due(now)


@periodic(every=timedelta(minutes=1))
def settle_reports(now: datetime) -> int:
    """A report of a no-show that nobody contests stands after a day."""
    return attendance.settle_due(now)


@periodic(every=timedelta(minutes=1))
def mirror_due_sessions(now: datetime) -> int:
    """Connected calendars say what was confirmed, moved and given up."""
    return copies.mirror_due(now)
