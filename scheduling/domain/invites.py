"""Bookings as iCalendar (RFC 5545): the invite of one, sent as RFC 5546 says, and the feed of a person's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vDuration
from icalendar.enums import STATUS, TRANSP

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
# How often a calendar that follows a feed should look.
LOOK_AGAIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Appointment:
    """A booking with the seller's words for it: ``title``, where it takes place, the address of its page."""

    booking: Booking
    title: str
    location: str
    url: str


def method_of(booking: Booking) -> str:
    """``REQUEST``, or ``CANCEL`` for what will not take place."""
    return "CANCEL" if _status(booking) == STATUS.CANCELLED else "REQUEST"


def invite(appointment: Appointment, *, attendee: User, organizer: str, now: datetime) -> bytes:
    """The invite as it stands, to be sent by the method of its booking.

    Each side has an invite of its own, which does not tell the other's address: whoever holds a time could
    collect it. One UID for the life of the booking; each change has a higher SEQUENCE. Times are UTC; the
    text names the candidate's and the coach's zones. ``organizer`` is an address with a name
    (``Name <a@b>``). Coach and candidate are loaded with the booking; nothing is asked of the database.
    """
    name, address = parseaddr(organizer)
    event = appointment_event(appointment, stamp=now)
    event.organizer = vCalAddress.new(address, cn=name)
    event.attendees = [_attendee(attendee)]
    calendar = Calendar.new(
        prodid=_product(name), method=method_of(appointment.booking), subcomponents=[event]
    )
    sent: bytes = calendar.to_ical()
    return sent


def feed(appointments: Iterable[tuple[Appointment, datetime]], *, uid: str, name: str) -> bytes:
    """A calendar to follow, always with the same ``uid``; each appointment with the instant it last changed.

    The same events with the same UIDs as the invites. What did not change is written as it was, to the byte.
    """
    calendar = Calendar.new(
        prodid=_product(name),
        method="PUBLISH",
        uid=uid,
        name=name,
        subcomponents=[appointment_event(each, stamp=changed_at) for each, changed_at in appointments],
    )
    calendar["REFRESH-INTERVAL"] = vDuration(LOOK_AGAIN, {"VALUE": "DURATION"})
    # What Outlook reads in its place.
    calendar["X-PUBLISHED-TTL"] = vDuration(LOOK_AGAIN)
    published: bytes = calendar.to_ical()
    return published


def appointment_event(appointment: Appointment, *, stamp: datetime) -> Event:
    """The event of a booking as it stands at ``stamp``: UID for life, SEQUENCE of the last change."""
    booking = appointment.booking
    return Event.new(
        uid=str(booking.pk),
        stamp=stamp.astimezone(UTC),
        sequence=booking.sequence,
        status=_status(booking),
        start=booking.starts_at.astimezone(UTC),
        end=booking.ends_at.astimezone(UTC),
        summary=appointment.title,
        location=appointment.location,
        description="\n".join([*_local_times(booking), appointment.url]),
        url=appointment.url,
        transparency=TRANSP.OPAQUE,
    )


def _product(name: str) -> str:
    return f"-//{name}//Bookings//EN"


def _status(booking: Booking) -> STATUS:
    return _STATUS.get(BookingState(booking.state), STATUS.CONFIRMED)


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
