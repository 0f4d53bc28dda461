"""Instants and zones that come from outside: aware, within sane bounds, by their IANA name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant with offset (``Z`` allowed), in UTC.

    Raises:
        ValueError: not an instant, without an offset, or outside the years 2000 to 2199.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("An instant needs an offset, such as 2026-11-24T18:30:00Z.")
    # Compared before the conversion: year 1 or 9999 with an offset overflows in astimezone.
    if not EARLIEST.year <= instant.year < LATEST.year:
        raise ValueError("An instant lies between the years 2000 and 2199.")
    return instant.astimezone(UTC)


def parse_day(text: str) -> date:
    """A day as ``2026-12-24``, between the years 2000 and 2199.

    Raises:
        ValueError: not such a day; ISO 8601's other forms (``20261224``, ``2026-W52-4``) are not asked for.
    """
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("A day is written like 2026-12-24.")
    if not EARLIEST.year <= day.year < LATEST.year:
        raise ValueError("A day lies between the years 2000 and 2199.")
    return day


def instant_json(instant: datetime) -> str:
    """ISO 8601 in UTC with ``Z``."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@cache
def zone_names() -> frozenset[str]:
    """All IANA names of places. Asked before ``ZoneInfo(name)``, which would open a path it is given.

    ``localtime`` is whatever this machine thinks, ``Factory`` is *not set up*: neither is anybody's zone.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


def parse_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        ValueError: unknown; never a path outside the zone database.
    """
    if name not in zone_names():
        raise ValueError(f"There is no time zone called {name!r}.")
    return ZoneInfo(name)
