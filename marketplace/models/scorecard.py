from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.rules.rubrics import LEVELS, skill_label
from marketplace.rules.vocabulary import InterviewType


class Scorecard(models.Model):
    """What the coach wrote about one session. ``delivered_at`` is the first delivery, which no edit moves."""

    session = models.OneToOneField("marketplace.Session", on_delete=models.PROTECT, related_name="scorecard")
    interview_type = models.CharField(max_length=20, choices=InterviewType.choices, blank=True)
    keep = models.TextField(max_length=4_000)
    stop = models.TextField(max_length=4_000)
    start = models.TextField(max_length=4_000)
    drills = models.TextField(blank=True, max_length=4_000)
    delivered_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"scorecard of {self.session_id}"


class Mark(models.Model):
    """One skill of the rubric, five levels, with the candidate's own words as evidence."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="marks")
    position = models.PositiveSmallIntegerField()
    skill = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField()
    evidence = models.TextField(blank=True, max_length=2_000)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "skill"], name="mark_once_per_skill"),
            models.CheckConstraint(name="mark_level", condition=Q(level__range=(min(LEVELS), max(LEVELS)))),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.level}"

    @property
    def label(self) -> str:
        return skill_label(self.skill)

    @property
    def level_label(self) -> str:
        return LEVELS[self.level]
