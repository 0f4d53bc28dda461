"""The slot picker of a coach's page: offers, days and times as links and radios, in the viewer's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from accounts.models import User
from accounts.queries import viewer_zone
from core import clock
from core.instants import instant_json, parse_day, parse_instant
from core.templatetags.formats import MONTHS, duration
from core.zones import zone_groups
from marketplace.models import Coach, Offer
from marketplace.queries.consequence import consequence
from marketplace.queries.picker import LONGEST_AHEAD, Picker, midnight, next_month, picker_of
from marketplace.queries.price import policy_words
from marketplace.views.addresses import Address
from marketplace.views.waitlist import waiting_room
from scheduling.models import ConnectedCalendar

HIDE = "hide"
KEPT = ("offer", "day", "month", "timezone", "busy")


@dataclass(frozen=True)
class Day:
    """A day of the strip or of the month, as the components take it."""

    on: date
    count: int
    href: str
    current: bool


@dataclass(frozen=True)
class Stand:
    """Where a picker stands: the page its links lead to, the address it posts to, and its button.

    ``does`` is what the button says once a time is chosen, ``{slot}`` standing for it. ``without`` is a
    booking that is to be moved: its own time is free for it. ``repeats`` is where the chosen time is taken to
    be repeated every week, if it may be.
    """

    page: str
    action: str
    does: str
    before: str
    without: UUID | None = None
    repeats: str = ""


def bookable(coach: Coach) -> list[Offer]:
    """What of the offers on sale is for a time; sessions first."""
    offers: list[Offer] = coach.offers_on_sale  # type: ignore[attr-defined]
    return [offer for offer in offers if offer.is_for_a_time]


def picker_context(
    request: HttpRequest,
    coach: Coach,
    *,
    asked: QueryDict | None = None,
    offers: list[Offer] | None = None,
    stand: Stand | None = None,
) -> dict[str, Any]:
    """All that ``_picker.html`` shows; ``asked`` in place of the address, after a form was posted.

    Without ``offers`` it offers all that the coach sells for a time, without ``stand`` to hold one of them.
    """
    asked = request.GET if asked is None else asked
    now, zone = clock.now(), viewer_zone(request)
    offers = bookable(coach) if offers is None else offers
    part = wants_picker(request) and request.htmx.target == "picker-times"  # type: ignore[attr-defined]
    context = {
        "coach": coach,
        "now": now,
        "zone": zone,
        # Six hundred zones need not travel with every day.
        "part": part,
        "zones": [] if part else zone_groups(now),
        "sign_in_note": not request.user.is_authenticated,
        "hold_length": settings.HOLD_LENGTH,
        "request_length": settings.REQUEST_LENGTH,
        "policy_words": policy_words(),
    }
    if not offers:
        return {**context, "offer": None}
    offer = next((each for each in offers if each.slug == asked.get("offer")), offers[0])
    offer.coach = coach
    elsewhere = stand is not None
    stand = stand or to_hold(coach, offer)
    here = Address(stand.page, _kept(asked))
    viewer = request.user if isinstance(request.user, User) else None
    picker = picker_of(
        offer,
        zone=zone,
        day=_day(asked.get("day", "")),
        month=_day(f"{asked.get('month', '')}-01"),
        chosen=_instant(asked),
        hiding=viewer if asked.get("busy") == HIDE else None,
        without=stand.without,
        now=now,
    )
    return {
        **context,
        "offer": offer,
        "offers": _offer_links(offers, offer, here, picker),
        "stand": stand,
        "picker": picker,
        "means": {at: consequence(offer, at, zone=zone, now=now) for at in picker.starts},
        **_links(picker, here),
        **_own_calendar(viewer, coach, asked, here),
        "waiting": None if elsewhere else waiting_room(request, offer),
        "coach_zone": ZoneInfo(coach.timezone),
        # Offsets are those of the day that is shown: its clocks may have changed by then.
        "seen_at": picker.starts[0] if picker.starts else midnight(picker.day, zone),
    }


def wants_picker(request: HttpRequest) -> bool:
    """Whether htmx asks for the picker in place of the page it stands on."""
    return bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def to_hold(coach: Coach, offer: Offer) -> Stand:
    """On the coach's own page: hold what costs something, book what is free."""
    length = duration(settings.HOLD_LENGTH)
    return Stand(
        page=coach.get_absolute_url(),
        action=reverse("booking_hold", args=[coach.slug]),
        does="Book {slot}" if offer.is_free else f"Hold {{slot}} for {length}",
        before="Book this time" if offer.is_free else f"Hold this time for {length}",
        repeats="" if offer.is_intro else reverse("weekly_begin", args=[coach.slug]),
    )


def _links(picker: Picker, here: Address) -> dict[str, Any]:
    """Each is this page with one thing changed; ``here`` is the page itself, to be read anew."""
    strip = here.without(["month"])
    return {
        "here": _with_start(_to(here, picker.day), picker.chosen or picker.gone),
        # A shared link's zone would outdo the one that is chosen here.
        "after_zone": _with_start(_to(strip.without(["timezone"]), picker.day), picker.chosen),
        "days": [_day_link(picker, on, strip) for on in picker.strip],
        "earlier": _to(strip, picker.earlier),
        "later": _to(strip, picker.later),
        "next_day": _to(strip, picker.next_day),
        "nearest": [(at, _with_start(str(strip.without(["day"])), at)) for at in picker.nearest],
        "month": _month(picker, here),
        "month_is_open": bool(here.asked.get("month")),
        "strip_months": _months(picker.strip[0], picker.strip[-1]),
    }


def _offer_links(
    offers: list[Offer], offer: Offer, here: Address, picker: Picker
) -> list[tuple[Offer, str, bool]]:
    """Another length of session on the same day, if it has times then."""
    on_day = here.without(["month"]).having(day=picker.day.isoformat())
    return [(each, str(on_day.having(offer=each.slug)), each == offer) for each in offers]


def _own_calendar(viewer: User | None, coach: Coach, asked: QueryDict, here: Address) -> dict[str, Any]:
    """Whether a candidate's connected calendars may hide times, and whether they do."""
    if viewer is None or viewer.pk == coach.user_id:
        return {"may_hide": False, "may_connect": False}
    if not ConnectedCalendar.objects.filter(owner=viewer).exists():
        return {"may_hide": False, "may_connect": True}
    hides = asked.get("busy") == HIDE
    other = here.without(["busy"]) if hides else here.having(busy=HIDE)
    return {"may_hide": True, "hides": hides, "hide_href": str(other)}


def _kept(asked: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if asked.get(name):
            kept[name] = str(asked[name])
    return kept


def _day_link(picker: Picker, on: date, here: Address) -> Day:
    return Day(on, picker.count(on), _to(here, on), current=on == picker.day)


def _month(picker: Picker, here: Address) -> dict[str, Any]:
    """Its days lead to their strip; leafing through the months leaves the strip where it is."""
    month = picker.month
    strip = here.without(["month"])
    stays = here.having(day=picker.day.isoformat())
    after = next_month(month)
    return {
        "label": _months(month, month),
        "weeks": [[on and _day_link(picker, on, strip) for on in week] for week in picker.weeks],
        "earlier": _at_month(stays, month - timedelta(days=1)) if month > picker.today else "",
        "later": _at_month(stays, after) if after <= picker.today + LONGEST_AHEAD else "",
    }


def _months(first: date, last: date) -> str:
    """``November 2026``, ``November to December 2026``, ``December 2026 to January 2027``."""
    one, other = (f"{MONTHS[on.month - 1]} {on.year}" for on in (first, last))
    if one == other:
        return one
    return f"{MONTHS[first.month - 1] if first.year == last.year else one} to {other}"


def _at_month(here: Address, on: date) -> str:
    return str(here.having(month=f"{on:%Y-%m}"))


def _to(here: Address, on: date | None) -> str:
    return str(here.having(day=on.isoformat())) if on else ""


def _with_start(href: str, start: datetime | None) -> str:
    path, _, query = href.partition("?")
    asked = QueryDict(query, mutable=True)
    if start:
        asked["start"] = instant_json(start)
    return str(Address(path, asked))


def _day(text: str) -> date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None


def _instant(asked: QueryDict) -> datetime | None:
    """The time that was chosen before signing in, or lost."""
    try:
        return parse_instant((asked.get("start") or asked.get("starts_at", "")).replace(" ", "+"))
    except ValueError:
        return None
