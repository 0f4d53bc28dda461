from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.money import Money
from marketplace.rules.vocabulary import OfferKind

LONGEST_MINUTES = 480
HIGHEST_PRICE = 99_999_999  # Stripe takes eight digits


class OfferQuerySet(models.QuerySet["Offer"]):
    def active(self) -> OfferQuerySet:
        return self.filter(active=True)

    def sessions(self) -> OfferQuerySet:
        """The offers that count for prices, times and filters (api.md)."""
        return self.filter(kind=OfferKind.SESSION)

    def for_a_time(self) -> OfferQuerySet:
        """The offers one books a time for."""
        return self.exclude(kind=OfferKind.RESUME_REVIEW)


class Offer(models.Model):
    """Something a coach sells: a length of time, a price in minor units, a kind."""

    coach = models.ForeignKey("marketplace.Coach", on_delete=models.CASCADE, related_name="offers")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=OfferKind.choices, default=OfferKind.SESSION)
    duration_minutes = models.PositiveSmallIntegerField()
    price = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    active = models.BooleanField(default=True)
    needs_approval = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects: ClassVar[OfferQuerySet] = OfferQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-kind", "duration_minutes", "price", "id"]
        constraints = [
            models.UniqueConstraint(fields=["coach", "slug"], name="offer_slug_once_per_coach"),
            models.CheckConstraint(name="offer_kind", condition=Q(kind__in=sorted(OfferKind.values))),
            models.CheckConstraint(
                name="offer_lasts", condition=Q(duration_minutes__range=(5, LONGEST_MINUTES))
            ),
            models.CheckConstraint(name="offer_price_fits", condition=Q(price__lte=HIGHEST_PRICE)),
            models.CheckConstraint(
                name="offer_intro_is_free", condition=~Q(kind=OfferKind.INTRO) | Q(price=0)
            ),
        ]
        indexes = [
            models.Index(
                fields=["price", "coach"], name="offer_price", condition=Q(active=True, kind="session")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def cost(self) -> Money:
        return Money(self.price, self.currency)

    @property
    def is_free(self) -> bool:
        return self.price == 0

    @property
    def is_for_a_time(self) -> bool:
        """A resume review is written, not met for."""
        return self.kind != OfferKind.RESUME_REVIEW

    @property
    def is_intro(self) -> bool:
        return self.kind == OfferKind.INTRO
