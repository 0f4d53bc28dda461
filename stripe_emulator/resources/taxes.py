"""Automatic tax, inclusive: what of a price is tax, by where the customer says he is.

The platform counts as registered where the table has a rate; elsewhere Stripe, too, calculates zero.
"""

from __future__ import annotations

from stripe_emulator.errors import Refused, Unbuilt
from stripe_emulator.money import step
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank

# Thousandths of a per cent by country, general rates; in the United States by the first three digits of the
# ZIP code: New York, Chicago, Austin, San Francisco, Seattle.
RATES = {
    "ae": 5_000, "at": 20_000, "au": 10_000, "be": 21_000, "bh": 10_000, "ca": 5_000, "ch": 8_100,
    "de": 19_000, "dk": 25_000, "es": 21_000, "fr": 20_000, "gb": 20_000, "hu": 27_000, "ie": 23_000,
    "in": 18_000, "is": 24_000, "it": 22_000, "jo": 16_000, "jp": 10_000, "kr": 10_000, "nl": 21_000,
    "no": 25_000, "nz": 15_000, "om": 5_000, "pl": 23_000, "se": 25_000, "sg": 9_000, "tn": 19_000,
    "tw": 5_000,
}  # fmt: skip
UNITED_STATES = {"100": 8_875, "606": 10_250, "787": 8_250, "941": 8_625, "981": 10_350}
WHOLE = 100_000


def checked(given: Body, items: list[Body]) -> Body:
    """The ``automatic_tax`` of a new session. Its prices have to say that tax is in them."""
    wanted = given.get("automatic_tax", {})
    if not wanted.get("enabled"):
        return blank("liability provider status") | {"enabled": False}
    if wanted.get("liability", {}).get("type", "self") != "self":
        raise Unbuilt("automatic tax that another account is liable for")
    behaviours = {item["price"]["tax_behavior"] for item in items}
    if "unspecified" in behaviours:
        raise Refused("Automatic tax needs prices that say their `tax_behavior`.", param="line_items")
    if behaviours != {"inclusive"}:
        raise Unbuilt("automatic tax on top of prices")
    return {
        "enabled": True,
        "liability": {"type": "self"},
        "provider": "stripe",
        "status": "requires_location_inputs",
    }


def locate(world: World, record: Record, form: Body) -> None:
    """The customer said where he is (or did not: then in the platform's country); reckon the tax."""
    body = record.body
    if not body["automatic_tax"]["enabled"]:
        return
    country = form.get("country") or world.settings.country
    known = {"country": country.upper(), "postal_code": form.get("postal_code") or None}
    record.hidden["address"] = blank("city line1 line2 state") | known
    rate = rate_at(country, form.get("postal_code") or "")
    for item in record.hidden["line_items"]:
        item["amount_tax"] = included(item["amount_total"], rate, body["currency"])
    body["automatic_tax"]["status"] = "complete"
    body["total_details"]["amount_tax"] = sum(item["amount_tax"] for item in record.hidden["line_items"])


def rate_at(country: str, postal_code: str) -> int:
    """Thousandths of a per cent."""
    if country.lower() == "us":
        return UNITED_STATES.get(postal_code[:3], 0)
    return RATES.get(country.lower(), 0)


def included(amount: int, rate: int, currency: str) -> int:
    """The tax in an amount that includes it, rounded half up to a step."""
    unit = step(currency)
    whole = (WHOLE + rate) * unit
    return unit * ((2 * amount * rate + whole) // (2 * whole))
