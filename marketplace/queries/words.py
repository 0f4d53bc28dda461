"""What sessions are called on their coach's statements and invoices: in words that never change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from payouts.queries.words import describes
from scheduling.models import Booking

MINUTE = timedelta(minutes=1)


def session_name(booking_id: UUID, length: timedelta) -> str:
    """``60-minute session 3F2A9C41``: no name and no day, as both may change after it was stated."""
    return f"{length // MINUTE}-minute session {booking_id.hex[:8].upper()}"


@describes("booking")
def sessions(sources: list[str]) -> Mapping[str, str]:
    ids = [source.partition(":")[2] for source in sources]
    found = Booking.objects.filter(pk__in=ids).values_list("pk", "starts_at", "ends_at")
    return {f"booking:{pk}": session_name(pk, ends_at - starts_at) for pk, starts_at, ends_at in found}
