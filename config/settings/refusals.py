"""What a public site must be given before it may start."""

from __future__ import annotations

from collections.abc import Mapping

SHORTEST_SECRET = 50
ON = {"1", "true", "yes", "on", "y", "ok", "t"}
REQUIRED = {
    "SECRET_KEY": "the key that signs sessions",
    "ALLOWED_HOSTS": "the names the site answers to",
    "SITE_URL": "the address links in mail lead to",
    "DATABASE_URL": "the embedded database is for development",
    "REDIS_URL": "jobs and live updates in memory are for one process",
    "STRIPE_SECRET_KEY": "simulated payments are for development",
    "STRIPE_WEBHOOK_SECRET": "webhooks have to be verified",
    "EMAIL_URL": "mail in files is for development",
}


def refusals(environment: Mapping[str, str]) -> list[str]:
    """One sentence for each thing that keeps these settings from serving the public."""
    found = [f"{name} is missing: {why}." for name, why in REQUIRED.items() if not environment.get(name)]
    if 0 < len(environment.get("SECRET_KEY", "")) < SHORTEST_SECRET:
        found.append(f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters.")
    if environment.get("DEBUG", "").lower() in ON:
        found.append("DEBUG shows the site's insides to everybody.")
    if environment.get("ALLOW_PRIVATE_ADDRESSES", "").lower() in ON:
        found.append("ALLOW_PRIVATE_ADDRESSES lets strangers call machines of the private network.")
    if not (environment.get("SITE_URL") or "https://").startswith("https://"):
        found.append("SITE_URL has to begin with https://.")
    return found
