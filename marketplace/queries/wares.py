"""Sessions as wares: how receipts, invoices and the list of purchases name them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.templatetags.formats import clock, day, in_zone, zone_label
from marketplace.models import Session
from payments.queries.wares import Ware, describes


@describes("booking")
def sessions_as_wares(sources: Sequence[str]) -> dict[str, Ware]:
    """Each session by the source of its line, its time as its candidate reads it. Two queries at most."""
    ids = [booking_id for source in sources if (booking_id := _booking_id(source))]
    return {session.subject: _ware(session) for session in Session.objects.with_people().filter(pk__in=ids)}


def _booking_id(source: str) -> UUID | None:
    try:
        return UUID(source.partition(":")[2])
    except ValueError:
        return None


def _ware(session: Session) -> Ware:
    booking = session.booking
    zone = session.zone_of(booking.candidate)
    when = f"{day(booking.starts_at, zone)} {in_zone(booking.starts_at, zone).year}"
    return Ware(
        title=f"{session.offer.name} with {session.name_of(booking.coach)}",
        detail=(
            f"{session.offer.duration_minutes} minutes, {when}, "
            f"{clock(booking.starts_at, zone)}, {zone_label(zone, booking.starts_at)}"
        ),
        url=session.get_absolute_url(),
    )
