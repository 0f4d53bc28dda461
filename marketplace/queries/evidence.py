"""What our records say when a bank asks about a payment: what was sold, under which terms, who came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.instants import instant_json
from marketplace.models import Session
from payments.models import Order
from scheduling.models import Booking, CancellationPolicy
from scheduling.states import BookingState, Side

_STATES = {
    BookingState.CONFIRMED: "is still to come",
    BookingState.COMPLETED: "took place",
    BookingState.CANCELLED: "was cancelled",
    BookingState.NO_SHOW_COACH: "did not take place, as the coach did not come",
    BookingState.NO_SHOW_CANDIDATE: "was held open for the buyer, who did not come",
}


@dataclass(frozen=True)
class Evidence:
    """``text`` in sentences, and ``facts`` by Stripe's own names: a draft for people, who answer for it."""

    text: str
    facts: dict[str, str]


def evidence_of(order: Order) -> Evidence:
    """About every session that an order paid for; empty where it paid for none. Two queries."""
    sessions = list(_sessions(order))
    if not sessions:
        return Evidence("", {})
    policy = policy_in_words(sessions[0].booking.policy)
    facts = {
        "customer_name": order.buyer.display_name,
        "customer_email_address": order.buyer.email,
        "product_description": "; ".join(_sold(session) for session in sessions),
        "service_date": ", ".join(f"{session.booking.starts_at:%Y-%m-%d}" for session in sessions),
        "refund_policy_disclosure": f"Shown on the page on which the buyer chose the time and paid: {policy}",
        "access_activity_log": "\n".join(line for session in sessions for line in _log(session)),
    }
    return Evidence("\n".join([*map(_story, sessions), policy]), facts)


def policy_in_words(policy: CancellationPolicy) -> str:
    """The terms a booking was made under."""
    tiers = sorted(policy.tiers, key=lambda tier: -tier["from_hours"])
    steps = [
        f"{tier['refund_percent']} % is given back until {tier['from_hours']} hours before the start"
        for tier in tiers
        if tier["from_hours"]
    ]
    return f"{'; '.join(steps)}; after that nothing."


def _sessions(order: Order) -> Iterator[Session]:
    sessions = (
        Session.objects.filter(order=order).with_people().select_related("scorecard", "booking__cancelled_by")
    )
    yield from sessions.order_by("booking__starts_at")


def _sold(session: Session) -> str:
    coach = session.name_of(session.booking.coach)
    return f"{session.offer.name}, {session.offer.duration_minutes} minutes by video with {coach}"


def _story(session: Session) -> str:
    """One paragraph a session."""
    booking = session.booking
    end = _STATES.get(BookingState(booking.state), f"is {booking.state}")
    sentences = [f"{_sold(session)}, on {_at(booking.starts_at)}, {end}."]
    if all(booking.here_at(side) for side in (Side.CANDIDATE, Side.COACH)):
        sentences.append("Buyer and coach both said “I am here” on the page of the session while it was on.")
    if _scorecard_at(session):
        sentences.append("The coach delivered a written assessment, which the buyer can read on our site.")
    return " ".join(sentences)


def _log(session: Session) -> list[str]:
    """What happened and when, as our database has it."""
    booking = session.booking
    happened = [
        (session.order.paid_at, "the buyer paid"),
        (booking.confirmed_at, "the session was confirmed by mail"),
        (session.answered_at, "the buyer prepared the session on our site"),
        (booking.candidate_here_at, "the buyer said “I am here”"),
        (booking.coach_here_at, "the coach said “I am here”"),
        (booking.cancelled_at, f"the session was cancelled by the {_canceller(booking)}"),
        (_scorecard_at(session), "the written assessment was delivered"),
    ]
    known = sorted((at, what) for at, what in happened if at is not None)
    return [f"{instant_json(at)} {what}" for at, what in known]


def _canceller(booking: Booking) -> str:
    side = booking.side_of(booking.cancelled_by)
    return "buyer" if side == Side.CANDIDATE else str(side)


def _scorecard_at(session: Session) -> datetime | None:
    scorecard = getattr(session, "scorecard", None)
    return scorecard.delivered_at if scorecard else None


def _at(instant: datetime) -> str:
    return f"{instant:%-d %B %Y, %H:%M} UTC"
