from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scheduling.states import Side

if TYPE_CHECKING:
    from marketplace.models.coach import Coach


class ReviewQuerySet(models.QuerySet["Review"]):
    def of_coach(self, coach: Coach) -> ReviewQuerySet:
        """What candidates wrote about this coach."""
        return self.filter(side=Side.CANDIDATE, session__booking__coach=coach.user_id)


class Review(models.Model):
    """What one side of a session that took place says about the other."""

    session = models.ForeignKey("marketplace.Session", on_delete=models.PROTECT, related_name="reviews")
    side = models.CharField(max_length=10)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, max_length=4_000)
    written_at = models.DateTimeField()

    objects: ClassVar[ReviewQuerySet] = ReviewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-written_at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "side"], name="review_once_per_side"),
            models.CheckConstraint(
                name="review_side", condition=Q(side__in=sorted([Side.CANDIDATE, Side.COACH]))
            ),
            models.CheckConstraint(name="review_rating", condition=Q(rating__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.rating} by the {self.side}"
