"""What is marked in each type of interview: skills by code, the same for all coaches, for trends."""

from __future__ import annotations

from marketplace.rules.vocabulary import InterviewType as T

SKILLS = {
    "clarifying": "Clarifying the question",
    "structure": "Structure",
    "user-empathy": "User empathy",
    "segmentation": "Choosing a segment",
    "creativity": "Range of solutions",
    "prioritisation": "Prioritisation",
    "metrics": "Metrics",
    "goal-setting": "Goals and guardrails",
    "hypotheses": "Hypotheses",
    "data-sense": "Reading data",
    "trade-offs": "Weighing trade-offs",
    "market-sense": "Market and competition",
    "business-model": "Business model",
    "vision": "Vision",
    "assumptions": "Assumptions",
    "arithmetic": "Arithmetic under pressure",
    "sanity-check": "Sanity checks",
    "ownership": "Ownership",
    "conflict": "Handling conflict",
    "reflection": "Reflection",
    "system-thinking": "System thinking",
    "technical-depth": "Technical depth",
    "story": "Story",
    "impact": "Impact, with numbers",
    "concision": "Concision",
    "communication": "Communication",
}

RUBRICS: dict[str, tuple[str, ...]] = {
    T.PRODUCT_DESIGN: (
        "clarifying", "user-empathy", "segmentation", "creativity", "prioritisation", "communication",
    ),
    T.IMPROVEMENT: ("clarifying", "user-empathy", "creativity", "prioritisation", "metrics", "communication"),
    T.SUCCESS_METRICS: ("clarifying", "goal-setting", "metrics", "trade-offs", "communication"),
    T.ROOT_CAUSE: ("clarifying", "structure", "hypotheses", "data-sense", "communication"),
    T.TRADE_OFF: ("clarifying", "goal-setting", "trade-offs", "data-sense", "communication"),
    T.STRATEGY: ("structure", "market-sense", "business-model", "vision", "trade-offs", "communication"),
    T.ESTIMATION: ("clarifying", "structure", "assumptions", "arithmetic", "sanity-check"),
    T.BEHAVIOURAL: ("story", "ownership", "conflict", "impact", "reflection", "concision"),
    T.TECHNICAL: ("clarifying", "system-thinking", "technical-depth", "trade-offs", "communication"),
    T.RESUME: ("story", "impact", "concision"),
}  # fmt: skip

LEVELS = {
    1: "Not yet",
    2: "Developing",
    3: "Sound",
    4: "Strong",
    5: "Outstanding",
}


def skill_label(code: str) -> str:
    """The rubric's name of a skill; a coach's own skill is its own name."""
    return SKILLS.get(code, code)
