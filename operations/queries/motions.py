"""What waits for a second person."""

from __future__ import annotations

from operations.models import Motion

LONGEST = 100


def waiting_motions() -> list[Motion]:
    """The longest waiting first, at most ``LONGEST``."""
    return list(Motion.objects.open().with_people().order_by("moved_at", "pk")[:LONGEST])
