"""What choosing a time would mean: when that is for the coach, and what giving it up would cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from core.templatetags.formats import city, clock, short_slot
from marketplace.models import Offer


def consequence(offer: Offer, at: datetime, *, zone: ZoneInfo, now: datetime) -> str:
    """A sentence or two beside the button that takes the time.

    ``19:30 in Berlin for Ada. 100 % back until Mon 18:30, 50 % until Tue 16:30, then none.`` Deadlines are
    wall time of ``zone``, those that have passed are left out. What is free has none.
    """
    theirs = for_other(at, offer.coach.name, ZoneInfo(offer.coach.timezone), zone=zone)
    return theirs if offer.is_free else f"{theirs} {_deadlines(at, zone, now)}"


def for_other(at: datetime, name: str, there: ZoneInfo, *, zone: ZoneInfo) -> str:
    """``19:30 in Berlin for Ada.``: with the day where it is another one than in ``zone``."""
    same_day = at.astimezone(there).date() == at.astimezone(zone).date()
    when = clock(at, there) if same_day else short_slot(at, there)
    return f"{when} in {city(there)} for {name.split(maxsplit=1)[0]}."


def _deadlines(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    tiers = sorted(settings.CANCELLATION_TIERS, key=lambda tier: -tier["from_hours"])
    ends = [(tier["refund_percent"], at - timedelta(hours=tier["from_hours"])) for tier in tiers]
    ahead = [(percent, until) for percent, until in ends if percent and now < until]
    if not ahead:
        return "Nothing comes back if you cancel."
    (percent, until), *rest = ahead
    said = [f"{percent} % back until {short_slot(until, zone)}"]
    said += [f"{percent} % until {short_slot(until, zone)}" for percent, until in rest]
    return f"{', '.join(said)}, then none."
