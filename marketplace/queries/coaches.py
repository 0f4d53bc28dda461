"""Questions about coaches whose rows are known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch

from marketplace.models import Coach, Offer
from marketplace.models.coach import CoachQuerySet
from scheduling.queries.slots import next_starts


def profile_of(slug: str) -> CoachQuerySet:
    """The live coach of an address, with ``offers_on_sale``."""
    on_sale = Prefetch("offers", queryset=Offer.objects.active(), to_attr="offers_on_sale")
    return Coach.objects.live().with_words().prefetch_related(on_sale).filter(slug=slug)


def next_starts_of(coaches: Iterable[Coach], *, now: datetime) -> dict[int, datetime | None]:
    """By the coach's user id: when the shortest session on sale can next begin. In bulk."""
    shortest = {coach.user_id: coach.shortest_minutes for coach in coaches if coach.shortest_minutes}
    return next_starts(shortest, now) if shortest else {}
