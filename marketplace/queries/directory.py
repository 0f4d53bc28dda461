"""Who can help, and is free when I am: one search over all coaches, its facets, the way out when empty."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from core.money import Money
from core.templatetags.formats import money_short
from marketplace.models import Coach, Company, Employment, Offer
from marketplace.models.coach import SEARCH_CONFIG, CoachQuerySet
from marketplace.queries.free_when import CHIPS, Range, ranges
from marketplace.rules.text import words
from marketplace.rules.vocabulary import CoachKind, InterviewType, Language, Seniority
from payments.rules import least_charge
from scheduling.queries.free import free_within, next_free_order

UTC = ZoneInfo("UTC")
PriceBand = tuple[int, int | None]
BEST = (F("rating").desc(nulls_last=True), F("review_count").desc(), F("pk").asc())
STARS = (Decimal("4.0"), Decimal("4.5"), Decimal("4.8"))
ORDERINGS = ("relevance", "next_free", "price", "-price", "-rating")


@dataclass(frozen=True)
class Filters:
    """What a visitor asks. Codes of one facet are joined by *or*, facets by *and*; prices in minor units."""

    q: str = ""
    companies: tuple[str, ...] = ()
    interview_types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    seniorities: tuple[str, ...] = ()
    kind: str = ""
    price_min: int | None = None
    price_max: int | None = None
    min_rating: Decimal | None = None
    free: tuple[str, ...] = ()
    free_between: Range | None = None
    zone: ZoneInfo = field(default=UTC)
    ordering: str = "relevance"

    @property
    def has_price(self) -> bool:
        return self.price_min is not None or self.price_max is not None


def search(filters: Filters, *, now: datetime) -> CoachQuerySet:
    """The live coaches that satisfy all filters, in the order asked for."""
    return _ordered(_matching(_conditions(filters, now)), filters, now)


def count_all() -> dict[str, int]:
    """How many live coaches and mentors there are: ``{"coach": n, "mentor": m}``."""
    rows = Coach.objects.live().values_list("kind").annotate(Count("pk")).order_by()
    return {str(kind): 0 for kind in CoachKind.values} | dict(rows)


@dataclass(frozen=True)
class FacetOption:
    """One value of a facet and how many people it would leave, the other filters as they are."""

    code: Any
    label: str
    count: int


def facets(filters: Filters, *, now: datetime) -> dict[str, list[FacetOption]]:
    """``{parameter: options}``; each counted with the other filters applied; chosen codes are kept."""
    conditions = _conditions(filters, now)

    def others(name: str) -> CoachQuerySet:
        return _matching(conditions, without={name})

    return {
        "kind": _labelled(_counts(others("kind"), F("kind")), CoachKind, (filters.kind,)),
        "company": _companies(others("company"), filters.companies),
        "interview_type": _labelled(
            _counts(others("interview_type"), _each("interview_types")),
            InterviewType,
            filters.interview_types,
        ),
        "language": _labelled(_counts(others("language"), _each("languages")), Language, filters.languages),
        "seniority": _labelled(_counts(others("seniority"), F("seniority")), Seniority, filters.seniorities),
        "price": _counted(others("price"), {band: Q(_costs(*band)) for band in price_bands()}),
        "min_rating": _counted(others("min_rating"), {stars: Q(rating__gte=stars) for stars in STARS}),
        "free": _counted(others("free"), {chip: _free([chip], filters, now) for chip in CHIPS}),
    }


def company_names(codes: Collection[str]) -> list[str]:
    """What companies are called, in the order of their codes."""
    known = dict(Company.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [known.get(code, code) for code in codes]


def price_bands() -> dict[PriceBand, str]:
    """The bands of the price facet, minor units, both ends inclusive, by what they are called."""
    # $100 and $150 in dollars; as much, about, in other currencies.
    some, more = (times * least_charge(settings.CURRENCY) for times in (200, 300))
    return {
        (0, 0): "Free",
        (1, some - 1): f"Under {_written(some)}",
        (some, more): f"{_written(some)} to {_written(more)}",
        (more + 1, None): f"Over {_written(more)}",
    }


def price_words(lowest: int | None, highest: int | None) -> str:
    """What a price filter is called: the name of its band, or its ends."""
    known = price_bands().get((lowest or 0, highest))
    if known:
        return known
    if highest is None:
        return f"from {_written(lowest or 0)}"
    return f"{_written(lowest)} to {_written(highest)}" if lowest else f"up to {_written(highest)}"


def _written(minor: int) -> str:
    return money_short(Money(minor, settings.CURRENCY))


def ways_out(filters: Filters, *, now: datetime) -> dict[str, int]:
    """For an empty result: ``{filter: how many people dropping it alone would show}``, most first."""
    conditions = _conditions(filters, now)
    found = {name: _matching(conditions, without={name}).count() for name in conditions}
    return dict(sorted(((n, c) for n, c in found.items() if c), key=lambda each: -each[1]))


def _matching(conditions: dict[str, Q], *, without: Collection[str] = ()) -> CoachQuerySet:
    return Coach.objects.live().filter(*(q for name, q in conditions.items() if name not in without))


def _conditions(filters: Filters, now: datetime) -> dict[str, Q]:
    """One condition per filter in use, by the name of its parameter."""
    found = {
        "q": Q(search=_query(filters.q)) if words(filters.q) else None,
        "company": Exists(_at_companies(filters.companies)) if filters.companies else None,
        "interview_type": _overlap("interview_types", filters.interview_types),
        "language": _overlap("languages", filters.languages),
        "seniority": Q(seniority__in=filters.seniorities) if filters.seniorities else None,
        "kind": Q(kind=filters.kind) if filters.kind else None,
        "price": _costs(filters.price_min, filters.price_max) if filters.has_price else None,
        "min_rating": None if filters.min_rating is None else Q(rating__gte=filters.min_rating),
        "free": _free(filters.free, filters, now) if filters.free or filters.free_between else None,
    }
    return {name: Q(condition) for name, condition in found.items() if condition is not None}


def _query(q: str) -> SearchQuery:
    """All words, the last one as a beginning: *google des* finds product designers who were at Google."""
    *whole, last = words(q)
    return SearchQuery(" & ".join([*whole, f"{last}:*"]), config=SEARCH_CONFIG, search_type="raw")


def _at_companies(codes: Collection[str]) -> QuerySet[Employment]:
    return Employment.objects.filter(coach=OuterRef("pk"), company__code__in=codes)


def _overlap(name: str, codes: Collection[str]) -> Q | None:
    return Q(**{f"{name}__overlap": list(codes)}) if codes else None


def _costs(lowest: int | None, highest: int | None) -> Exists:
    """Some session on sale costs so much; intro calls and resume reviews do not count (api.md)."""
    offers = Offer.objects.filter(coach=OuterRef("pk")).active().sessions()
    if lowest is not None:
        offers = offers.filter(price__gte=lowest)
    if highest is not None:
        offers = offers.filter(price__lte=highest)
    return Exists(offers)


def _free(chips: Collection[str], filters: Filters, now: datetime) -> Q:
    times = ranges(chips, filters.free_between, zone=filters.zone, now=now)
    return Q(user_id__in=free_within(times, now=now))


def _ordered(found: CoachQuerySet, filters: Filters, now: datetime) -> CoachQuerySet:
    if filters.ordering == "next_free":
        return found.annotate(next_free=next_free_order("user_id", now=now)).order_by(
            F("next_free").asc(nulls_last=True), "pk"
        )
    if filters.ordering == "relevance" and words(filters.q):
        return found.annotate(rank=SearchRank(F("search"), _query(filters.q))).order_by("-rank", *BEST)
    if filters.ordering == "price":
        return found.order_by(F("price_from").asc(nulls_last=True), "pk")
    if filters.ordering == "-price":
        return found.order_by(F("price_from").desc(nulls_last=True), "pk")
    return found.order_by(*BEST)


def _each(name: str) -> Func:
    return Func(F(name), function="unnest")


def _counts(found: CoachQuerySet, code: Combinable) -> dict[str, int]:
    return dict(found.values(code=code).annotate(number=Count("pk")).order_by().values_list("code", "number"))


def _labelled(counts: dict[str, int], words_of: type, chosen: Collection[str]) -> list[FacetOption]:
    labels = dict(words_of.choices)  # type: ignore[attr-defined]
    shown = {code: counts.get(code, 0) for code in labels if code in counts or code in chosen}
    return [FacetOption(code, str(labels[code]), count) for code, count in shown.items()]


def _companies(found: CoachQuerySet, chosen: Collection[str]) -> list[FacetOption]:
    rows = (
        Employment.objects.filter(coach__in=found)
        .values_list("company__code", "company__name")
        .annotate(number=Count("pk"))
        .order_by("-number", "company__name")
    )
    options = [FacetOption(*row) for row in rows]
    missing = set(chosen) - {option.code for option in options}
    return options + [FacetOption(code, code, 0) for code in sorted(missing)]


def _counted(found: CoachQuerySet, conditions: dict[Any, Q]) -> list[FacetOption]:
    """Each condition's number, in one query."""
    names = {f"n{at}": condition for at, condition in enumerate(conditions.values())}
    numbers = found.aggregate(**{name: Count("pk", filter=condition) for name, condition in names.items()})
    return [FacetOption(code, "", numbers[name]) for code, name in zip(conditions, names, strict=True)]
