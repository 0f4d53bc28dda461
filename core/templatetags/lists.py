"""Small questions templates ask of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.core.paginator import Page

register = template.Library()


@register.filter
def around(page: Page[Any]) -> list[int | None]:
    """The page numbers to offer: the ends and those near this one, ``None`` for a gap."""
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in pages]


@register.filter
def at(values: Sequence[Any] | None, index: int) -> Any:
    """The value at ``index``, or nothing."""
    return values[index] if values and index < len(values) else ""


@register.filter
def of(values: Mapping[Any, Any] | None, key: Any) -> Any:
    """What stands under ``key``, or nothing."""
    return values.get(key, "") if values else ""


@register.filter
def words(text: str) -> list[str]:
    """``"Poor,Fair,Good"`` as a list."""
    return [word.strip() for word in text.split(",")]
