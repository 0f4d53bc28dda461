"""The cancellation policy as it is in force: sentences made from the live settings, none typed twice.

Every number of ``config.settings.product`` stands in a rule here; ``tests/pages/test_policy.py`` fails when one
is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from core.money import Money
from core.templatetags.formats import length, money_short


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the policy: what happens, and what it means for whom."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules that belong together; ``slug`` is the anchor others link to."""

    slug: str
    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the candidate's refund: ``percent`` back from ``hours`` before the start on."""

    percent: int
    hours: int | None


def tiers(settings: Any) -> list[Tier]:
    """The refund of a candidate who cancels, best first; the last one has no hours: it is what is left."""
    *refunding, last = settings.CANCELLATION_TIERS
    steps = [Tier(percent=tier["refund_percent"], hours=tier["from_hours"]) for tier in refunding]
    return [*steps, Tier(percent=last["refund_percent"], hours=None)]


def chapters(settings: Any) -> list[Chapter]:
    """The whole policy in the order in which a session meets it."""
    return [
        _booking(settings),
        _candidate_cancels(settings),
        _coach_cancels(settings),
        _no_shows(settings),
        _money(settings),
        _packages(settings),
        _mentors(settings),
        _after(settings),
    ]


def _booking(settings: Any) -> Chapter:
    return Chapter(
        "booking",
        "When you book",
        (
            Rule(
                "Your slot waits for you",
                f"A chosen time is held for {length(settings.HOLD_LENGTH)} while you pay; you can extend it once by "
                f"{length(settings.HOLD_EXTENSION)}. You may have {settings.MOST_UNPAID_ORDERS} unpaid holds at a time. "
                "Who paid in time never loses the slot.",
            ),
            Rule(
                "How soon and how far ahead",
                f"Unless a coach says otherwise, sessions start at least {length(timedelta(minutes=settings.MINIMUM_NOTICE_MINUTES))} from now and "
                f"at most {settings.BOOKING_WINDOW_DAYS} days ahead, every {length(timedelta(minutes=settings.SLOT_INTERVAL_MINUTES))}.",
            ),
            Rule(
                "Calendars that fall silent",
                "When a coach's connected calendar could not be read for "
                f"{length(settings.CALENDAR_STALE_AFTER)}, no times are offered until it answers again.",
            ),
            Rule(
                "When a time becomes free",
                f"A place on the waiting list is offered as a hold of {length(settings.WAITLIST_HOLD_LENGTH)}.",
            ),
            Rule(
                "Preparing",
                f"Your answers can be changed until {length(settings.PREP_ANSWERS_UNTIL)} before the start. We remind both "
                f"sides {' and '.join(length(before) for before in settings.REMINDERS_BEFORE)} before; the room opens "
                f"{length(settings.JOIN_OPENS_BEFORE)} before.",
            ),
        ),
    )


def _candidate_cancels(settings: Any) -> Chapter:
    *refunding, last = tiers(settings)
    moves = settings.FREE_RESCHEDULES
    return Chapter(
        "you-cancel",
        "When you cancel or move",
        (
            *(
                Rule(
                    f"{tier.percent} % back", f"When you cancel {tier.hours} hours or more before the start."
                )
                for tier in refunding
            ),
            Rule(
                f"{last.percent} % back",
                f"When you cancel less than {refunding[-1].hours} hours before the start.",
            ),
            Rule(
                "A moment of grace",
                f"100 % back within {length(settings.GRACE)} after booking, when the session was more than "
                f"{settings.GRACE_FROM_HOURS} hours away at that moment.",
            ),
            Rule(
                "Moving instead",
                f"{refunding[0].hours} hours or more before the start you may move a session whenever you like; after "
                f"that {'once' if moves == 1 else f'{moves} times'} per booking, until {refunding[-1].hours} hours "
                f"before. After such a late move a cancellation gives at most {refunding[-1].percent} % back.",
            ),
        ),
    )


def _coach_cancels(settings: Any) -> Chapter:
    return Chapter(
        "coach-cancels",
        "When the coach cancels",
        (
            Rule("100 % back, at once", "Whenever a coach cancels. It counts in the coach's reliability."),
            Rule(
                f"{_percent(settings.COMPENSATION_BP)} on top",
                f"Inside {length(settings.COMPENSATION_INSIDE)} of the start you also get a balance of "
                f"{_percent(settings.COMPENSATION_BP)} of what you paid, from us, for your next session. It comes by itself "
                f"once per pair of people in {length(settings.COMPENSATION_ONCE_PER_PAIR)}; after that somebody looks at it.",
            ),
        ),
    )


def _no_shows(settings: Any) -> Chapter:
    return Chapter(
        "no-show",
        "When somebody does not come",
        (
            Rule(
                "The coach does not come", "100 % back and the balance above, as soon as the report stands."
            ),
            Rule(
                "You do not come", "Nothing is refunded; the coach kept the hour for you and is paid in full."
            ),
            Rule(
                "How to say so",
                f"From {length(settings.NO_SHOW_FROM)} after the start until {length(settings.NO_SHOW_UNTIL)} after the end, by "
                "the side that was there.",
            ),
            Rule(
                "A session that went wrong",
                f"Until {length(settings.DISPUTE_UNTIL)} after the end you can open a dispute. The coach's share waits "
                "until our operations team has decided.",
            ),
        ),
    )


def _money(settings: Any) -> Chapter:
    limit = money_short(Money(settings.SECOND_PERSON_ABOVE, settings.CURRENCY))
    return Chapter(
        "money",
        "Where the money goes",
        (
            Rule("The price you see is the price you pay", "The card processor's fee is paid out of ours."),
            Rule(
                "Our fee",
                f"The coach pays {_percent(settings.PLATFORM_RATE_BP)}, {_percent(settings.EXPERIENCED_RATE_BP)} once "
                f"{settings.EXPERIENCED_AFTER_SESSIONS} sessions are completed, {_percent(settings.PRIVATE_LINK_RATE_BP)} for people who "
                f"came by the coach's own link, which we remember for {settings.PRIVATE_LINK_DAYS} days. Mentors pay 0 %.",
            ),
            Rule(
                "When the coach is paid",
                f"{length(settings.RELEASE_DELAY)} after the later of the session's end and your scorecard, and at most "
                f"{length(settings.RELEASE_LATEST)} after the end.",
            ),
            Rule("Four eyes", f"A refund or adjustment above {limit} needs a second person of ours."),
        ),
    )


def _packages(settings: Any) -> Chapter:
    sizes = " or ".join(str(size) for size in settings.PACKAGE_SIZES)
    return Chapter(
        "packages",
        "Packages and intro calls",
        (
            Rule(
                "Packages",
                f"{sizes} sessions of one offer, to be used within {settings.PACKAGE_LASTS_MONTHS} months. Unused sessions are "
                "refunded: what the package cost minus the used ones at their single price, never below 0.",
            ),
            Rule(
                "Intro calls",
                f"{settings.INTRO_CALL_MINUTES} minutes, free, where the coach offers them; at most {settings.MOST_OPEN_INTRO_CALLS} open at "
                "a time, and one per coach.",
            ),
        ),
    )


def _mentors(settings: Any) -> Chapter:
    return Chapter(
        "mentors",
        "Mentors",
        (
            Rule(
                "Free, and shared fairly",
                f"{settings.MENTOR_SESSIONS_PER_CANDIDATE} sessions per person in {length(settings.MENTOR_CANDIDATE_PERIOD)}; each "
                "mentor sets how many a month.",
            ),
            Rule(
                "Requests",
                f"A request that is not answered ends after {length(settings.REQUEST_LENGTH)}, or "
                f"{length(settings.REQUEST_LATEST_BEFORE_START)} before its start, whichever comes first.",
            ),
        ),
    )


def _after(settings: Any) -> Chapter:
    return Chapter(
        "afterwards",
        "Afterwards",
        (
            Rule(
                "Reviews",
                "Only people who had a session write one. Neither side sees the other's until both wrote, or "
                f"{length(settings.REVIEW_BLIND_WINDOW)} have passed.",
            ),
            Rule(
                "The policy you booked under",
                "Every booking keeps the policy that was in force when you made it, whatever this page says later.",
            ),
        ),
    )


def _percent(basis_points: int) -> str:
    """``2000`` → ``20 %``, ``1750`` → ``17.5 %``."""
    return f"{Decimal(basis_points) / 100:f} %"
