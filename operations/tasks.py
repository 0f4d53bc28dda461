"""What happens at the desk without anybody asking."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.periodic import periodic
from operations.domain import motions


@periodic(every=timedelta(hours=1))
def lapse_motions(now: datetime) -> int:
    """Let go of motions that nobody seconded in time."""
    return motions.lapse_overdue(now)
