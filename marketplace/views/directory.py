"""The directory of coaches, and that of mentors: who can help, and is free when I am."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.queries import viewer_zone
from core import clock
from core.instants import instant_json
from core.zones import zone_groups
from marketplace.forms.filters import read_leniently
from marketplace.models import Coach
from marketplace.queries.coaches import next_starts_of
from marketplace.queries.directory import count_all, facets, search, ways_out
from marketplace.queries.reputation import Reputation, reputations
from marketplace.rules.vocabulary import CoachKind
from marketplace.views.addresses import Address
from marketplace.views.facet_links import RANGE, described, exits, groups, links

PAGE_SIZE = 12
SORTS = [
    ("relevance", "Best match"),
    ("next_free", "Free soonest"),
    ("price", "Price, low to high"),
    ("-price", "Price, high to low"),
    ("-rating", "Rating"),
]


@dataclass(frozen=True)
class Row:
    """One person of the list."""

    coach: Coach
    next_free_at: datetime | None
    reputation: Reputation


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    return _page(request, request.GET, "marketplace/directory.html", fixed=())


@require_safe
def mentors(request: HttpRequest) -> HttpResponse:
    asked = request.GET.copy()
    asked["kind"] = CoachKind.MENTOR
    return _page(request, asked, "marketplace/mentors.html", fixed=("kind", "price"))


def _page(request: HttpRequest, asked: QueryDict, template: str, *, fixed: tuple[str, ...]) -> HttpResponse:
    zone, now = viewer_zone(request), clock.now()
    canonical = _with_instants(request.GET, zone)
    if canonical is not None:
        return redirect(str(Address(request.path, canonical)))
    filters, complaints = read_leniently(asked, zone=zone)
    page = Paginator(search(filters, now=now).with_words(), PAGE_SIZE).get_page(asked.get("page"))
    here = Address(request.path, request.GET.copy())
    counted, said = facets(filters, now=now), described(filters)
    context = {
        "page": page,
        "rows": _rows(page, now),
        "filters": filters,
        "complaints": complaints,
        "described": said,
        "chosen": len(said),
        "chips": links("free", counted["free"], filters, here),
        "groups": groups(counted, filters, here, besides=fixed),
        "exits": [] if page.paginator.count else exits(ways_out(filters, now=now), here, besides=fixed),
        "clear": request.path if asked.keys() - {"ordering", "page", "timezone"} else "",
        "kept_by_sort": here.pairs(besides=["ordering"]),
        "kept_by_range": here.pairs(besides=["free", *RANGE]),
        "kept_by_search": here.pairs(besides=["q"]),
        "sorts": SORTS,
        "totals": count_all(),
        "zones": zone_groups(now),
        "here": str(here),
        "now": now,
    }
    return render(request, template, context)


def _with_instants(asked: QueryDict, zone: ZoneInfo) -> QueryDict | None:
    """The form's range is wall time, the address to share says instants. None: nothing to change."""
    changed = asked.copy()
    for name in RANGE:
        try:
            wall = datetime.fromisoformat(asked.get(name, ""))
        except ValueError:
            continue
        if wall.tzinfo is None:
            changed[name] = instant_json(wall.replace(tzinfo=zone))
    return changed if changed != asked else None


def _rows(page: Page[Coach], now: datetime) -> list[Row]:
    coaches = list(page.object_list)
    starts = next_starts_of(coaches, now=now)
    known = reputations([coach.user_id for coach in coaches], now=now)
    return [
        Row(coach, starts.get(coach.user_id), known.get(coach.user_id, Reputation())) for coach in coaches
    ]
