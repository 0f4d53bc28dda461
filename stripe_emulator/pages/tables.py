"""Tables and dates for the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stripe_emulator.pages.render import Markup, escape, fragment, join


def table(heads: list[str], rows: list[list[Any]], empty: str) -> Markup:
    """A ruled table, or a sentence when there is nothing to rule."""
    if not rows:
        return fragment("empty", text=empty)
    head = join([fragment("head", text=text) for text in heads])
    body = join([fragment("row", cells=join([_cell(cell) for cell in row])) for row in rows])
    return fragment("table", head=head, body=body)


def _cell(value: Any) -> Markup:
    return fragment("cell", content=escape(value))


def day(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%a %d %b %Y")


def minute(timestamp: int | None) -> str:
    """A UTC time to the second; nothing for nothing."""
    if timestamp is None:
        return ""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S")
