"""Lengths of time of a desk, in hours."""

from __future__ import annotations

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def hours(span: timedelta) -> str:
    """``32 h``, ``1 h 30``, ``0 h``: sums of many hours, which nobody reads in minutes."""
    whole, rest = divmod(int(span.total_seconds()) // 60, 60)
    return f"{whole} h {rest:02}" if rest else f"{whole} h"
