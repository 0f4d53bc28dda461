"""The directory's filters as links and as the words of a sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.templatetags.formats import in_zone
from marketplace.queries.directory import FacetOption, Filters, company_names, price_bands, price_words
from marketplace.queries.free_when import CHIPS
from marketplace.rules.vocabulary import CoachKind, InterviewType, Language, Seniority
from marketplace.views.addresses import Address

RANGE = ("free_from", "free_to")
PRICE = ("price_min", "price_max")
PARAMETERS = {"price": PRICE, "free": ("free", *RANGE)}
LEGENDS = {
    "company": "Company",
    "interview_type": "Interview",
    "seniority": "Seniority",
    "language": "Language",
    "price": "Price",
    "min_rating": "Rating",
    "kind": "Coach or mentor",
}
NAMES = {
    "q": "the words searched for",
    "company": "the company",
    "interview_type": "the interview",
    "language": "the language",
    "seniority": "the seniority",
    "kind": "coach or mentor",
    "price": "the price",
    "min_rating": "the rating",
    "free": "the time",
}


@dataclass(frozen=True)
class Link:
    """A filter as it stands in the page: what it is, how many people it shows, where it leads."""

    label: str
    count: int
    href: str
    on: bool = False


def groups(
    counted: dict[str, list[FacetOption]], filters: Filters, here: Address, *, besides: Collection[str]
) -> list[tuple[str, list[Link]]]:
    """The facets that have something to choose, each with its legend."""
    found = [
        (legend, links(name, counted[name], filters, here))
        for name, legend in LEGENDS.items()
        if name not in besides
    ]
    return [(legend, options) for legend, options in found if options]


def links(name: str, options: list[FacetOption], filters: Filters, here: Address) -> list[Link]:
    """One facet; what nobody has is left out, but for times, which people look for by habit."""
    made = [_link(name, option, filters, here) for option in options]
    return [link for link in made if link.count or link.on or name == "free"]


def exits(ways_out: dict[str, int], here: Address, *, besides: Collection[str]) -> list[Link]:
    """For an empty result: what to drop, and how many people that shows."""
    return [
        Link(NAMES[name], count, str(here.without(PARAMETERS.get(name, (name,)))))
        for name, count in ways_out.items()
        if name not in besides
    ]


def described(filters: Filters) -> list[str]:
    """The filters as the words of a sentence: *free this week · Google · Product design*."""
    said = [f"free {CHIPS[chip].lower()}" for chip in filters.free]
    if filters.free_between:
        start, end = (in_zone(at, filters.zone) for at in filters.free_between)
        said.append(f"free {start:%-d %b %H:%M} to {end:%-d %b %H:%M}")
    if filters.q:
        said.append(f"\N{LEFT DOUBLE QUOTATION MARK}{filters.q}\N{RIGHT DOUBLE QUOTATION MARK}")
    said += company_names(filters.companies)
    labels = dict(InterviewType.choices) | dict(Seniority.choices) | dict(Language.choices)
    chosen = (*filters.interview_types, *filters.seniorities, *filters.languages)
    said += [str(labels.get(code, code)) for code in chosen]
    if filters.has_price:
        said.append(price_words(filters.price_min, filters.price_max))
    if filters.min_rating is not None:
        said.append(f"{filters.min_rating} stars and better")
    if filters.kind == CoachKind.MENTOR:
        said.append("mentors")
    return said


def _link(name: str, option: FacetOption, filters: Filters, here: Address) -> Link:
    if name == "price":
        return _price(option, filters, here)
    if name in {"kind", "min_rating"}:
        return _one_of(name, option, filters, here)
    if name == "free":
        to = here.without(RANGE).toggled("free", option.code)
        return Link(CHIPS[option.code], option.count, str(to), option.code in filters.free)
    on = option.code in here.asked.getlist(name)
    return Link(option.label, option.count, str(here.toggled(name, option.code)), on)


def _one_of(name: str, option: FacetOption, filters: Filters, here: Address) -> Link:
    on = str(option.code) == str(getattr(filters, name))
    to = here.without([name]) if on else here.having(**{name: str(option.code)})
    return Link(option.label or f"{option.code} and better", option.count, str(to), on)


def _price(option: FacetOption, filters: Filters, here: Address) -> Link:
    low, high = option.code
    on = filters.has_price and (filters.price_min or 0, filters.price_max) == (low, high)
    to = here.without(PRICE)
    if not on:
        ends = zip(PRICE, (low or None, high), strict=True)
        to = to.having(**{name: str(end) for name, end in ends if end is not None})
    return Link(price_bands()[option.code], option.count, str(to), on)
