"""What the policy page needs of the live settings. Its words stand in the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.money import Money

# Every number of ``config.settings.product`` that the page names as it is; the others are shaped below.
NUMBERS = (
    "HOLD_LENGTH",
    "HOLD_EXTENSION",
    "MOST_UNPAID_ORDERS",
    "MOST_IN_A_SERIES",
    "GRACE",
    "GRACE_FROM_HOURS",
    "PLATFORM_RATE_BP",
    "EXPERIENCED_RATE_BP",
    "EXPERIENCED_AFTER_SESSIONS",
    "PRIVATE_LINK_RATE_BP",
    "PRIVATE_LINK_DAYS",
    "RELEASE_DELAY",
    "RELEASE_LATEST",
    "COMPENSATION_BP",
    "COMPENSATION_INSIDE",
    "COMPENSATION_ONCE_PER_PAIR",
    "REQUEST_LENGTH",
    "REQUEST_LATEST_BEFORE_START",
    "MENTOR_SESSIONS_PER_CANDIDATE",
    "MENTOR_CANDIDATE_PERIOD",
    "MOST_OPEN_INTRO_CALLS",
    "JOIN_OPENS_BEFORE",
    "REVIEW_BLIND_WINDOW",
    "FREE_RESCHEDULES",
    "PROPOSAL_UNTIL",
    "NO_SHOW_FROM",
    "NO_SHOW_UNTIL",
    "NO_SHOW_STANDS_AFTER",
    "DISPUTE_UNTIL",
    "PREP_ANSWERS_UNTIL",
    "REMINDERS_BEFORE",
    "MINIMUM_NOTICE_MINUTES",
    "BOOKING_WINDOW_DAYS",
    "SLOT_INTERVAL_MINUTES",
    "CALENDAR_STALE_AFTER",
    "PACKAGE_SIZES",
    "PACKAGE_LASTS_MONTHS",
    "INTRO_CALL_MINUTES",
    "WAITLIST_HOLD_LENGTH",
    "WAITLIST_MOST_TURNS",
)


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the candidate's refund: ``percent`` back until ``hours`` before, the last without."""

    percent: int
    hours: int | None


def tiers(settings: Any) -> list[Tier]:
    """The refund of a candidate who cancels, best first, ending with what is left."""
    *refunding, last = settings.CANCELLATION_TIERS
    return [
        *(Tier(percent=tier["refund_percent"], hours=tier["from_hours"]) for tier in refunding),
        Tier(percent=last["refund_percent"], hours=None),
    ]


def terms(settings: Any) -> dict[str, Any]:
    """The context of the policy page."""
    steps = tiers(settings)
    return {
        "numbers": {name: getattr(settings, name) for name in NUMBERS},
        "tiers": steps,
        "best": steps[0],
        "least": steps[-2],
        "second_person_above": Money(settings.SECOND_PERSON_ABOVE, settings.CURRENCY),
    }
