"""How people and rough lengths of time are written on the marketplace's pages."""

from __future__ import annotations

from datetime import timedelta

from django import template

register = template.Library()

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@register.filter
def first_name(name: str) -> str:
    """``Ada Okafor`` → ``Ada``."""
    return name.split(" ", maxsplit=1)[0]


@register.filter
def roughly(length: timedelta) -> str:
    """``20 min``, ``2 h``, ``3 d``: rounded up, so that nobody is promised more than there was."""
    if length <= HOUR:
        return f"{max(1, -(-length // timedelta(minutes=1)))} min"
    return f"{-(-length // HOUR)} h" if length <= 2 * DAY else f"{-(-length // DAY)} d"
