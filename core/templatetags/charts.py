"""What components ask of ``core.charts`` while they draw."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from core.charts import Line, proportions, sparkline
from core.money import Money

register = template.Library()


@register.simple_tag
def sparkline_of(values: Sequence[int]) -> Line:
    return sparkline(values)


@register.simple_tag
def money_parts(*amounts: Money | None) -> list[tuple[int, int]]:
    """``(x, width)`` of each amount in a bar 1,000 wide; nothing for ``None`` and for what is below zero."""
    return proportions([max(amount.minor, 0) if amount else 0 for amount in amounts])
