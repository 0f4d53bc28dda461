"""The calendar invite of a booking (iCalendar, RFC 5545; sent as RFC 5546 says)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress
from icalendar.enums import STATUS

from core.instants import parse_zone
from scheduling.models import Booking
from scheduling.states import BookingState

if TYPE_CHECKING:
    from accounts.models import User

_STATUS = {
    BookingState.HELD: STATUS.TENTATIVE,
    BookingState.REQUESTED: STATUS.TENTATIVE,
    BookingState.CANCELLED: STATUS.CANCELLED,
    BookingState.DECLINED: STATUS.CANCELLED,
    BookingState.EXPIRED: STATUS.CANCELLED,
}


def invite(
    booking: Booking, *, attendee: User, title: str, location: str, url: str, organizer: str, now: datetime
) -> bytes:
    """The invite as it stands: ``METHOD:REQUEST``, or ``CANCEL`` for what will not take place.

    Each side has an invite of its own, which does not tell the other's address: whoever holds a time could
    collect it. One UID for the life of the booking; each change has a higher SEQUENCE. Times are UTC; the
    text names the candidate's and the coach's zones. ``organizer`` is an address with a name
    (``Name <a@b>``), ``url`` the session's page. Coach and candidate are loaded with the booking; nothing is
    asked of the database.
    """
    status = _STATUS.get(BookingState(booking.state), STATUS.CONFIRMED)
    name, address = parseaddr(organizer)
    event = Event.new(
        uid=str(booking.pk),
        stamp=now.astimezone(UTC),
        sequence=booking.sequence,
        status=status,
        start=booking.starts_at.astimezone(UTC),
        end=booking.ends_at.astimezone(UTC),
        summary=title,
        location=location,
        description="\n".join([*_local_times(booking), url]),
        url=url,
        organizer=vCalAddress.new(address, cn=name),
        attendees=[_attendee(attendee)],
    )
    calendar = Calendar.new(
        prodid=f"-//{name}//Bookings//EN",
        method="CANCEL" if status == STATUS.CANCELLED else "REQUEST",
        subcomponents=[event],
    )
    sent: bytes = calendar.to_ical()
    return sent


def _attendee(person: User) -> vCalAddress:
    return vCalAddress.new(
        person.email, cn=person.display_name, role="REQ-PARTICIPANT", partstat="ACCEPTED", rsvp=False
    )


def _local_times(booking: Booking) -> list[str]:
    """A line per zone: ``Tuesday 3 November 2026, 10:00–11:00, Europe/London (UTC+00:00)``."""
    zones = dict.fromkeys([parse_zone(booking.timezone), booking.coach.zone])
    return [_local_time(booking, zone) for zone in zones]


def _local_time(booking: Booking, zone: ZoneInfo) -> str:
    start, end = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    offset = start.isoformat()[-len("+00:00") :]
    return (
        f"{start:%A} {start.day} {start:%B %Y}, {start:%H:%M}\N{EN DASH}{end:%H:%M}, {zone.key} (UTC{offset})"
    )
