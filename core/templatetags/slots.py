"""A day's free times, cut where a day is cut: before noon, before evening, after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django import template

from core.templatetags.formats import in_zone

register = template.Library()

NOON, EVENING = 12, 17
FEW = 6


@register.filter
def parts_of_day(instants: Iterable[datetime], zone: str | ZoneInfo) -> list[tuple[str, list[datetime]]]:
    """``[("Morning", [...]), ("Afternoon", [...])]`` in that zone; up to six times stay together, unnamed."""
    ordered = list(instants)
    if len(ordered) <= FEW:
        return [("", ordered)] if ordered else []
    return [
        (part, list(some)) for part, some in groupby(ordered, key=lambda at: _part(in_zone(at, zone).hour))
    ]


def _part(hour: int) -> str:
    if hour < NOON:
        return "Morning"
    return "Afternoon" if hour < EVENING else "Evening"
