"""The slot picker of a coach's page: offers, days and times as links and radios, in the viewer's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, QueryDict

from accounts.queries import viewer_zone
from core import clock
from core.instants import parse_day, parse_instant
from core.templatetags.formats import MONTHS
from core.zones import zone_groups
from marketplace.models import Coach, Offer
from marketplace.queries.picker import Picker, picker_of
from marketplace.queries.price import policy_words
from marketplace.views.addresses import Address


@dataclass(frozen=True)
class Day:
    """A day of the strip or of the month, as the components take it."""

    on: date
    count: int
    href: str
    current: bool


def bookable(coach: Coach) -> list[Offer]:
    """What of the offers on sale is for a time; sessions first."""
    offers: list[Offer] = coach.offers_on_sale  # type: ignore[attr-defined]
    return [offer for offer in offers if offer.is_for_a_time]


def picker_context(request: HttpRequest, coach: Coach, *, asked: QueryDict | None = None) -> dict[str, Any]:
    """All that ``_picker.html`` shows; ``asked`` in place of the address, after a form was posted."""
    asked = request.GET if asked is None else asked
    now, zone = clock.now(), viewer_zone(request)
    here = Address(coach.get_absolute_url(), _kept(asked))
    offers = bookable(coach)
    context = {
        "coach": coach,
        "now": now,
        "zone": zone,
        "zones": zone_groups(now),
        "here": str(here),
        "sign_in_note": not request.user.is_authenticated,
        "hold_length": settings.HOLD_LENGTH,
        "request_length": settings.REQUEST_LENGTH,
        "policy_words": policy_words(),
    }
    if not offers:
        return {**context, "offer": None}
    offer = next((each for each in offers if each.slug == asked.get("offer")), offers[0])
    offer.coach = coach
    picker = picker_of(offer, zone=zone, day=_day(asked), chosen=_instant(asked), now=now)
    return {
        **context,
        "offer": offer,
        "offers": [
            (each, str(here.without(["day", "start"]).having(offer=each.slug)), each == offer)
            for each in offers
        ],
        "picker": picker,
        "here_on_day": _to(here, picker.day),
        "days": [_day_link(picker, on, here) for on in picker.strip],
        "earlier": _to(here, picker.earlier),
        "later": _to(here, picker.later),
        "month": _month(picker, here),
        "coach_zone": ZoneInfo(coach.timezone),
    }


def _kept(asked: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in ("offer", "day", "timezone"):
        if asked.get(name):
            kept[name] = str(asked[name])
    return kept


def _day_link(picker: Picker, on: date, here: Address) -> Day:
    return Day(on, picker.count(on), _to(here, on), current=on == picker.day)


def _month(picker: Picker, here: Address) -> dict[str, Any]:
    month = picker.month
    before = month - timedelta(days=1)
    return {
        "label": f"{MONTHS[month.month - 1]} {month.year}",
        "weeks": [[on and _day_link(picker, on, here) for on in week] for week in picker.weeks],
        "earlier": _to(here, before) if month > picker.strip[0].replace(day=1) or picker.earlier else "",
        "later": _to(here, (month + timedelta(days=31)).replace(day=1)),
    }


def _to(here: Address, on: date | None) -> str:
    return str(here.having(day=on.isoformat())) if on else ""


def _day(asked: QueryDict) -> date | None:
    try:
        return parse_day(asked.get("day", ""))
    except ValueError:
        return None


def _instant(asked: QueryDict) -> datetime | None:
    """The time that was chosen before signing in, or lost."""
    try:
        return parse_instant((asked.get("start") or asked.get("starts_at", "")).replace(" ", "+"))
    except ValueError:
        return None
