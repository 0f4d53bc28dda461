"""The site's own name and the one currency it settles in."""

from __future__ import annotations

from config.settings.environment import env

SITE_NAME = env.str("SITE_NAME", default="Northstar")
CURRENCY = env.str("CURRENCY", default="usd")
