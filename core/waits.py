"""When a wait that a row remembers is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q


def is_over(column: str, longest: timedelta, now: datetime) -> Q:
    """Whether the instant in ``column`` has come, of a wait that is never longer than ``longest``.

    One further ahead was written before the development clock went back: what a ``tick`` into next month
    left undone must not lie there until next month.
    """
    return Q(**{f"{column}__lte": now}) | Q(**{f"{column}__gt": now + longest})
