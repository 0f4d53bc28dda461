"""What is sent about another time for a session."""

from __future__ import annotations

from core.api.serializers import InstantField, StrictSerializer


class MoveWish(StrictSerializer):
    starts_at = InstantField()
