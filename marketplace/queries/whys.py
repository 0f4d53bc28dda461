"""Why is this time not offered? Asked for all that a coach sells, told together where it is the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.models import Coach, Offer
from scheduling.queries.why import Why, why_not


@dataclass(frozen=True)
class Reason:
    """One answer, and the offers it holds for."""

    why: Why
    offers: list[Offer]


@dataclass(frozen=True)
class Answer:
    """What there is to say about an instant; ``for_all``: the same for every offer."""

    at: datetime
    reasons: list[Reason]

    @property
    def for_all(self) -> bool:
        return len(self.reasons) == 1


def whys_at(coach: Coach, at: datetime, *, now: datetime) -> Answer:
    """Per length of session at most seven queries; offers of one length share an answer."""
    known: dict[tuple[int, str | None], Why] = {}
    reasons: dict[Why, list[Offer]] = {}
    for offer in coach.offers.for_a_time():
        asked = (offer.duration_minutes, seller_reason(coach, offer))
        if asked not in known:
            minutes, seller = asked
            known[asked] = why_not(
                coach.user_id, duration_minutes=minutes, at=at, now=now, seller_reason=seller
            )
        reasons.setdefault(known[asked], []).append(offer)
    return Answer(at, [Reason(why, offers) for why, offers in reasons.items()])


def seller_reason(coach: Coach, offer: Offer) -> str | None:
    """The seller's own refusal, which comes before all others (rule 9)."""
    return None if offer.active and coach.is_live else "inactive"
