"""Where Stripe's own form leads back to."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings
from django.urls import reverse


class OnboardingLinks(TypedDict):
    return_url: str
    refresh_url: str


def onboarding_links() -> OnboardingLinks:
    """Whoever leaves the form comes to ``return_url``; ``refresh_url`` renews a link that was spent."""
    return {
        "return_url": settings.SITE_URL + reverse("payouts_return"),
        "refresh_url": settings.SITE_URL + reverse("payouts_refresh"),
    }
