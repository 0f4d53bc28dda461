from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models


class CancellationPolicy(models.Model):
    """The policy that was in force when a booking was made; rows are never changed.

    ``tiers`` is ``[{"from_hours": 24, "refund_percent": 100}, …]``, from the most hours to 0.
    ``digest`` identifies the content, so that one policy is one row.
    """

    tiers = models.JSONField()
    grace_minutes = models.PositiveIntegerField()
    grace_from_hours = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"policy {self.pk}"

    @property
    def moves_freely(self) -> timedelta:
        """How long before its start a candidate moves a session as often as he likes."""
        return timedelta(hours=self._refunding[0]["from_hours"])

    @property
    def moves_at_all(self) -> timedelta:
        """How long before its start he moves it at the latest."""
        return timedelta(hours=self._refunding[-1]["from_hours"])

    @property
    def percent_after_late_move(self) -> int:
        """What his own cancellation gives back at most once he has moved the session late (money.md 11)."""
        return int(self._refunding[-1]["refund_percent"])

    @property
    def _refunding(self) -> list[dict[str, Any]]:
        """The tiers that end before the start; where none does, the one there is."""
        tiers: list[dict[str, Any]] = self.tiers
        return [tier for tier in tiers if tier["from_hours"]] or tiers
