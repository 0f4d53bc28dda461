"""What people of the demo write: preparations, reviews, verdicts."""

from __future__ import annotations

from typing import Any

from marketplace.domain.scorecards import MarkGiven, Verdict
from marketplace.models import Coach
from marketplace.rules.rubrics import RUBRICS

PREP: list[dict[str, Any]] = [
    {
        "target_company": "Google",
        "target_level": "L5",
        "focus": "Product sense: I rush into solutions and forget whom they are for.",
        "went_wrong": "I named three features in the first two minutes.",
    },
    {
        "target_company": "Meta",
        "target_level": "IC5",
        "focus": "Execution: choosing one north-star metric and defending it.",
        "background": "Four years of B2B SaaS, analytics products.",
    },
    {"target_company": "Amazon", "focus": "Leadership stories with numbers in them."},
    {
        "target_company": "Stripe",
        "target_level": "Senior",
        "focus": "Strategy questions without a framework recital.",
        "background": "Former consultant, two years in product.",
        "went_wrong": "I never said what I would not do.",
    },
]

REVIEWS = [
    (5, "The first person who told me why my answer was a no, not just that it was. Offer six weeks later."),
    (5, "Forty minutes on the clock, then the most useful twenty minutes of my preparation."),
    (4, "Specific and kind. I would have liked one more minute on metrics."),
    (5, "My own words quoted back at me. I heard what an interviewer hears."),
    (5, "Structure that still sounds like me. The drills are short enough to really do."),
    (4, "Good pressure, good questions, and an honest level at the end."),
    (5, "Knew exactly what the loop looks like and where people usually fall."),
]

_EVIDENCE = [
    "Before I go on: are we looking at new sellers, or at those who already list?",
    "I would rather lose the power user here than the first-time buyer.",
    "That is about two in a hundred, which feels low, so let me check it from the other side.",
    "If I could keep only one number, it would be repeat bookings within thirty days.",
    "I was wrong about that, and this is how I noticed.",
]


def verdict(coach: Coach, index: int) -> Verdict:
    """A scorecard for the coach's first interview type; levels rise a little from session to session."""
    interview_type = coach.interview_types[0]
    marks = [
        MarkGiven(
            skill=skill,
            level=min(5, 2 + (index + place) % 3 + index // 4),
            evidence=_EVIDENCE[(index + place) % len(_EVIDENCE)],
        )
        for place, skill in enumerate(RUBRICS[interview_type])
    ]
    return Verdict(
        marks=marks,
        keep="You say what you assume before you build on it. Keep that, it buys you trust early.",
        stop="Listing features before there is a person who needs them.",
        start="Name the one segment you choose, and the one you leave out, in a single sentence.",
        drills="Two prompts a day: only the first three minutes, recorded. Send me the best one.",
        interview_type=interview_type,
    )
