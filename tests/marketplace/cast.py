"""The cast of the marketplace: people who sell and people who come, made with the site's own verbs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from accounts.models import User
from core.money import Money
from marketplace.domain.offers import create_offer
from marketplace.domain.profiles import index_profile
from marketplace.models import Coach, Company
from scheduling.domain.schedules import replace_availability
from scheduling.rules.availability import Availability, WallWindow

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""
TOMORROW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
"""A start beyond the notice, on the grid, inside working hours."""
HOUR = timedelta(hours=1)
AROUND_THE_CLOCK = {"weekly": ((WallWindow(0, 1440),),) * 7, "numbers": {"minimum_notice_minutes": 0}}
NINE_TO_FIVE = ((WallWindow(540, 1020),),) * 5 + ((), ())


def person(name, **fields):
    email = f"{name.split()[0].lower()}@demo.test"
    return User.objects.create_user(email, "demo-password", name=name, **{"timezone": "UTC", **fields})


def coach(
    user,
    *,
    kind="coach",
    state="live",
    timezone="UTC",
    weekly=NINE_TO_FIVE,
    companies=(),
    now=NOW,
    numbers=None,
    **fields,
):
    """A live coach in ``timezone`` who works from nine to five on weekdays."""
    words = {
        "name": user.name,
        "slug": user.name.lower().replace(" ", "-"),
        "headline": "Runs the loop you are about to sit.",
        "seniority": "group",
        "interview_types": ["product-design"],
        "languages": ["en"],
    }
    made = Coach.objects.create(user=user, kind=kind, state=state, created_at=now, **{**words, **fields})
    for code in companies:
        company, _ = Company.objects.get_or_create(code=code, defaults={"name": code.capitalize()})
        made.employments.create(company=company)
    index_profile(made)
    replace_availability(
        user, Availability(timezone=timezone, weekly=weekly, **(numbers or {})), by=user, now=now
    )
    return made


def offer(seller, *, price=12_000, minutes=60, now=NOW, **fields):
    values = {"name": f"{minutes} minutes", "duration_minutes": minutes, **fields}
    values["price"] = Money(price, settings.CURRENCY)
    return create_offer(seller, values, by=seller.user, now=now)
