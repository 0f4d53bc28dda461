"""When the sides of a session may say what came of it (rules 10; rules/money.md 7): pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings


class Opportunity(NamedTuple):
    """The instants in which something may be said, half-open."""

    from_at: datetime
    until_at: datetime

    def is_open(self, now: datetime) -> bool:
        return self.from_at <= now < self.until_at


def to_be_here(starts_at: datetime, ends_at: datetime) -> Opportunity:
    """*I am here*: from when the room opens until the end."""
    return Opportunity(starts_at - settings.JOIN_OPENS_BEFORE, ends_at)


def to_report_no_show(starts_at: datetime, ends_at: datetime) -> Opportunity:
    return Opportunity(starts_at + settings.NO_SHOW_FROM, ends_at + settings.NO_SHOW_UNTIL)


def to_dispute(starts_at: datetime, ends_at: datetime) -> Opportunity:
    """From the start on, as what has not begun is cancelled; no share is due before it closes."""
    return Opportunity(starts_at, ends_at + settings.DISPUTE_UNTIL)


def stands_at(ends_at: datetime, made_at: datetime) -> datetime:
    """When a no-show report that nobody contests is upheld by itself."""
    return max(ends_at, made_at + settings.NO_SHOW_STANDS_AFTER)
