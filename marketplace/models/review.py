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

    def published(self) -> ReviewQuerySet:
        return self.filter(published_at__isnull=False)

    def blind(self) -> ReviewQuerySet:
        """What nobody but its writer may read yet."""
        return self.filter(published_at__isnull=True)


class Review(models.Model):
    """What one side of a session that took place says about the other.

    Blind until ``published_at``: the other side has written, too, or seven days have passed since the end.
    """

    session = models.ForeignKey("marketplace.Session", on_delete=models.PROTECT, related_name="reviews")
    side = models.CharField(max_length=10)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, max_length=4_000)
    written_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

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
        indexes = [
            models.Index(fields=["session"], name="review_blind", condition=Q(published_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.rating} by the {self.side}"

    @property
    def author(self) -> str:
        """The first name. Where none was given the address would show through, so nobody is named."""
        return self.by.name.split(" ")[0] or "A member"
