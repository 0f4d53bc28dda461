"""The directory's address read as filters: the same words for the page and for the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from core.errors import InvalidError
from core.instants import parse_instant, parse_zone
from marketplace.models.offer import HIGHEST_PRICE
from marketplace.queries.directory import ORDERINGS, Filters
from marketplace.queries.free_when import CHIPS, Range
from marketplace.rules.vocabulary import CoachKind

LONGEST_QUERY = 200
MOST_CODES = 50
MOST_STARS = 5
_RATING = re.compile(r"[0-9](\.[0-9]{1,6})?", re.ASCII)

# How a facet is called in an address and in Filters.
CODES = {
    "company": "companies",
    "interview_type": "interview_types",
    "language": "languages",
    "seniority": "seniorities",
}


class _ParameterError(ValueError):
    """One parameter could not be understood; the message says what to give."""


def read_filters(asked: QueryDict, *, zone: ZoneInfo) -> Filters:
    """The filters of an address. ``zone`` is the viewer's, unless the address names one.

    Raises:
        InvalidError: with a complaint per parameter.
    """
    filters, complaints = read_leniently(asked, zone=zone)
    if complaints:
        raise InvalidError(fields={name: [complaint] for name, complaint in complaints.items()})
    return filters


def read_leniently(asked: QueryDict, *, zone: ZoneInfo) -> tuple[Filters, dict[str, str]]:
    """The filters that could be understood, and a complaint for each parameter that could not."""
    values: dict[str, Any] = {}
    complaints: dict[str, str] = {}
    for name, read in _READERS.items():
        try:
            values |= read(asked)
        except _ParameterError as error:
            complaints[name] = str(error)
    return Filters(**{"zone": zone, **values}), complaints


def _words(asked: QueryDict) -> dict[str, Any]:
    return {"q": asked.get("q", "").strip()[:LONGEST_QUERY]}


def _codes(name: str, field: str) -> Callable[[QueryDict], dict[str, Any]]:
    def read(asked: QueryDict) -> dict[str, Any]:
        codes = tuple(dict.fromkeys(filter(None, asked.getlist(name))))
        # The database has no NUL; what it knows is a code.
        if len(codes) > MOST_CODES or not all(code.isprintable() for code in codes):
            raise _ParameterError(f"At most {MOST_CODES} codes such as google or product-design.")
        return {field: codes}

    return read


def _one_of(name: str, allowed: Any) -> Callable[[QueryDict], dict[str, Any]]:
    def read(asked: QueryDict) -> dict[str, Any]:
        value = asked.get(name, "")
        if not value:
            return {}
        if value not in allowed:
            raise _ParameterError(f"One of {', '.join(allowed)}.")
        return {name: value}

    return read


def _price(name: str) -> Callable[[QueryDict], dict[str, Any]]:
    def read(asked: QueryDict) -> dict[str, Any]:
        value = asked.get(name, "").strip()
        if not value:
            return {}
        if not (value.isascii() and value.isdigit()) or len(value) > len(str(HIGHEST_PRICE)):
            raise _ParameterError("A whole number of minor units: 15000 for $150.")
        return {name: int(value)}

    return read


def _rating(asked: QueryDict) -> dict[str, Any]:
    value = asked.get("min_rating", "").strip()
    if not value:
        return {}
    if not _RATING.fullmatch(value) or Decimal(value) > MOST_STARS:
        raise _ParameterError("A number between 0 and 5.")
    return {"min_rating": Decimal(value)}


def _free(asked: QueryDict) -> dict[str, Any]:
    chips = tuple(dict.fromkeys(filter(None, asked.getlist("free"))))
    if not set(chips) <= set(CHIPS):
        raise _ParameterError(f"Each one of {', '.join(CHIPS)}.")
    return {"free": chips}


def _between(asked: QueryDict) -> dict[str, Any]:
    given = [asked.get(name, "").strip() for name in ("free_from", "free_to")]
    if not any(given):
        return {}
    if not all(given):
        raise _ParameterError("Give both ends of the range: free_from and free_to.")
    between: Range = (_instant(given[0]), _instant(given[1]))
    if between[0] > between[1]:
        raise _ParameterError("The range ends before it begins.")
    return {"free_between": between}


def _instant(text: str) -> datetime:
    try:
        # A plus sign in an address is a space unless somebody escaped it.
        return parse_instant(text.replace(" ", "+"))
    except ValueError as error:
        raise _ParameterError("Give an instant as ISO 8601 with an offset: 2026-11-24T18:30:00Z.") from error


def _zone(asked: QueryDict) -> dict[str, Any]:
    name = asked.get("timezone", "")
    if not name:
        return {}
    try:
        return {"zone": parse_zone(name)}
    except ValueError as error:
        raise _ParameterError(
            "There is no such time zone. Use an IANA name such as Europe/London."
        ) from error


_READERS: dict[str, Callable[[QueryDict], dict[str, Any]]] = {
    "q": _words,
    **{name: _codes(name, field) for name, field in CODES.items()},
    "kind": _one_of("kind", CoachKind.values),
    "price_min": _price("price_min"),
    "price_max": _price("price_max"),
    "min_rating": _rating,
    "free": _free,
    "free_from": _between,
    "timezone": _zone,
    "ordering": _one_of("ordering", ORDERINGS),
}
