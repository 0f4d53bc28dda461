"""The zones people choose from, by continent, each with its offset as it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files

from core.instants import zone_names
from core.templatetags.formats import zone_label

# The directories of the zone database that hold places; the rest are old aliases and fixed offsets.
CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip

Groups = list[tuple[str, list[tuple[str, str]]]]


@cache
def countries_by_zone() -> dict[str, list[str]]:
    """Which countries keep the time of a zone, in English, as the zone database tells it."""
    names = dict(_rows_of("iso3166.tab"))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for table in ("zone.tab", "zone1970.tab"):
        for codes, _, zone, *_ in _rows_of(table):
            found[zone] += [names[code] for code in codes.split(",") if names[code] not in found[zone]]
    return dict(found)


def _rows_of(table: str) -> Iterator[list[str]]:
    lines = (files("tzdata.zoneinfo") / table).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines if not line.startswith("#"))


def zone_groups(now: datetime) -> Groups:
    """``[("Europe", [("Europe/London", "Europe/London (UTC+0)"), …]), …, ("Everywhere", [("UTC", …)])]``."""
    return _groups(now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=2)
def _groups(hour: datetime) -> Groups:
    # By the hour: no zone changes its clocks within one, and six hundred labels take a while to write.
    by_continent: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(zone_names()):
        continent = name.partition("/")[0]
        if continent in CONTINENTS:
            by_continent[continent].append((name, zone_label(name, hour)))
    return [*by_continent.items(), ("Everywhere", [("UTC", "UTC (UTC+0)")])]
