"""The SDK's client: explicit retries, time-outs and API version, one per process."""

from __future__ import annotations

from functools import cache

import stripe
from django.conf import settings

from integrations.stripe.errors import MisconfiguredError

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, READ_SECONDS = 5.0, 25.0
MOST_RETRIES = 2


def new_http_client() -> stripe.HTTPClient:
    """What carries the requests; tests put the emulator's own transport here."""
    return stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS))


@cache
def client() -> stripe.StripeClient:
    """The client of this installation.

    Raises:
        MisconfiguredError: there is no key, or a live key would go to somewhere that is not Stripe.
    """
    key, base = settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE
    if not key:
        raise MisconfiguredError("STRIPE_SECRET_KEY is empty.")
    if base and is_live():
        raise MisconfiguredError("A live key is for Stripe only; STRIPE_API_BASE must not be set.")
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        # The client's own default is no retry at all.
        max_network_retries=MOST_RETRIES,
        base_addresses={"api": base} if base else {},
        http_client=new_http_client(),
    )


def is_live() -> bool:
    """Whether our key moves real money."""
    return bool(settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")))
