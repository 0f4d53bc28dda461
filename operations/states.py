"""The life of a motion: what one person of operations wants and may not do alone."""

from __future__ import annotations

from django.db import models


class MotionKind(models.TextChoices):
    REFUND = "refund", "Refund"
    ADJUSTMENT = "adjustment", "Adjustment"
    COMPENSATION = "compensation", "Compensation"


class MotionState(models.TextChoices):
    OPEN = "open"
    SECONDED = "seconded"
    REJECTED = "rejected"
    LAPSED = "lapsed"


S = MotionState

MOTION_MOVES: dict[MotionState, frozenset[MotionState]] = {
    S.OPEN: frozenset({S.SECONDED, S.REJECTED, S.LAPSED}),
    S.SECONDED: frozenset(),
    S.REJECTED: frozenset(),
    S.LAPSED: frozenset(),
}
