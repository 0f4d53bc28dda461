"""How long to wait, everywhere in this app: leases, back-off, and when to give up."""

from __future__ import annotations

from datetime import timedelta

LEASE = timedelta(seconds=60)
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(days=1)
MOST_ATTEMPTS = 20


def delay_after(attempts: int) -> timedelta:
    """The pause after that many failed attempts: five seconds, doubled each time, at most a day."""
    doublings = min(attempts - 1, MOST_ATTEMPTS)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)
