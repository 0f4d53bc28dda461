"""The design system, shown with itself: every component with its states, keys and name."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.queries import viewer_zone
from core import clock
from core.money import Money
from core.zones import zone_groups
from pages import demonstration as sample

ROLES = (
    "paper", "raised", "sunken", "line", "line-strong", "ink", "ink-soft", "accent",
    "accent-deep", "accent-ink", "accent-wash", "star", "star-ink", "star-wash", "danger", "danger-wash",
)  # fmt: skip
SPACES = ((4, 1), (8, 2), (12, 3), (16, 4), (24, 5), (32, 6), (48, 7), (72, 8))


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    zone = viewer_zone(request)
    zones = zone_groups(now)
    shown = sample.picker(now, zone)
    context = {
        "now": now,
        "zone": zone,
        "roles": ROLES,
        "spaces": SPACES,
        "zones": zones,
        "empty_form": sample.SampleForm(zones=zones, initial={"zone": zone.key}),
        "refused_form": sample.SampleForm({"name": "Ben", "email": "ben@", "zone": zone.key}, zones=zones),
        "steps": sample.STEPS,
        "policy_steps": sample.policy_steps(shown["chosen"], sample.dollars(120)),
        "price": sample.dollars(120),
        "free": sample.dollars(0),
        "fee": sample.dollars(24),
        "net": sample.dollars(96),
        "half_fee": sample.dollars(12),
        "half_net": sample.dollars(48),
        "half_price": sample.dollars(60),
        "lines": [("Product-sense mock, 60 min", sample.dollars(120)), ("Balance", -sample.dollars(10))],
        "total": ("To pay now", sample.dollars(110)),
        "amounts": [
            sample.dollars(120),
            Money(9750, "usd"),
            Money(0, "usd"),
            -sample.dollars(24),
            Money(1824000, "eur"),
            Money(1200, "jpy"),
            Money(1250, "kwd"),
        ],
        "hold_ends": now + timedelta(minutes=8, seconds=40),
        "hold_near": now + timedelta(seconds=95),
        "hold_over": now - timedelta(seconds=1),
        "next_free": now + timedelta(hours=5),
        "yesterday": now - timedelta(days=1),
        "tomorrow": now + timedelta(days=1),
        "trend": (2, 2, 3, 3, 4, 3, 4, 5),
        "page": sample.pages(5),
        "facet": [
            sample.FacetOption("Google", 48, "?company=google", on=True),
            sample.FacetOption("Meta", 41, "?company=meta"),
            sample.FacetOption("Volkswagen Financial Services Digital Solutions", 0, "?company=vw"),
            *(sample.FacetOption(name, 9, f"?company={name.lower()}") for name in sample.COMPANIES),
        ],
        "crumbs": [("Home", "/"), ("Coaching", "/coaching/"), ("Ada Okafor", "")],
        **shown,
        **sample.drawings(),
    }
    return render(request, "pages/styleguide.html", context)
