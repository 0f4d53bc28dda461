"""The site's own name, its country and the one currency it settles in."""

from __future__ import annotations

from config.settings.environment import env

SITE_NAME = env.str("SITE_NAME", default="Northstar")
CURRENCY = env.str("CURRENCY", default="usd")
# "stripe": Stripe calculates what of a price is tax, which is in it; "none": nothing is.
TAX_MODE = env.str("TAX_MODE", default="none")
# Of the platform, and of payees who say nothing else when they open their account.
COUNTRY = env.str("COUNTRY", default="us")
# The company behind the site, as invoices name it; the lines of its address are separated by "|".
COMPANY_NAME = env.str("COMPANY_NAME", default=f"{SITE_NAME} (demonstration)")
COMPANY_ADDRESS = env.str("COMPANY_ADDRESS", default="1 Example Street|Springfield|United States").split("|")
COMPANY_TAX_ID = env.str("COMPANY_TAX_ID", default="")
# Stripe pays payees out on this day of the week. A minimum stays on the account, by currency in minor units:
# Stripe knows no amount below which it waits, only one that it leaves there.
PAYOUT_WEEKDAY = env.str("PAYOUT_WEEKDAY", default="monday")
PAYOUT_MINIMUMS = env.json("PAYOUT_MINIMUMS", default={})
# Where sessions meet when the coach has no room of his own; the session's id is added.
VIDEO_ROOMS = env.str("VIDEO_ROOMS", default="https://meet.jit.si")
