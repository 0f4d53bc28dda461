"""The life of a coach's or mentor's profile: every legal move."""

from __future__ import annotations

from django.db import models


class CoachState(models.TextChoices):
    APPLIED = "applied"
    LIVE = "live"
    SUSPENDED = "suspended"


TRANSITIONS: dict[CoachState, frozenset[CoachState]] = {
    CoachState.APPLIED: frozenset({CoachState.LIVE}),
    CoachState.LIVE: frozenset({CoachState.SUSPENDED}),
    CoachState.SUSPENDED: frozenset({CoachState.LIVE}),
}
