"""Sessions in the calendars that people connected: written, updated with the booking, taken out with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from icalendar import Calendar

from core.locks import alone
from core.log import get_logger
from integrations.calendars.adapters import opened
from integrations.calendars.errors import CalendarError
from integrations.calendars.gateway import Entry, Written
from scheduling.domain.invites import Appointment, appointment_event
from scheduling.domain.syncing import account_of
from scheduling.models import Booking, CalendarCopy, ConnectedCalendar
from scheduling.states import BookingState

log = get_logger(__name__)

PRODUCT = "-//Northstar//Sessions//EN"
BATCH = 100
STANDING = frozenset(
    {
        BookingState.CONFIRMED,
        BookingState.COMPLETED,
        BookingState.NO_SHOW_CANDIDATE,
        BookingState.NO_SHOW_COACH,
    }
)


def mirror(appointment: Appointment, *, now: datetime) -> int:
    """Make both sides' connected calendars say what the booking is now. Answers how many had to be changed.

    Whatever happened, and in whatever order it is told: the booking as it was read is compared with what was
    written. A calendar that does not answer is left to the job. Talks to the network, so never inside a
    transaction.
    """
    booking = appointment.booking
    calendars = ConnectedCalendar.objects.filter(owner_id__in=(booking.coach_id, booking.candidate_id))
    taking = calendars.filter(Q(writes=True) | Q(copies__booking=booking)).distinct()
    return sum(_mirror_into(calendar, appointment, now=now) for calendar in taking)


def due_for_mirroring(now: datetime) -> list[UUID]:
    """Bookings of which a connected calendar that answers says something else."""
    ahead = Booking.objects.filter(ends_at__gt=now)
    current = CalendarCopy.objects.filter(
        calendar=OuterRef("pk"),
        booking=OuterRef(OuterRef("pk")),
        sequence=OuterRef(OuterRef("sequence")),
        removed_at=None,
    )
    taking = ConnectedCalendar.objects.filter(
        Q(owner=OuterRef("coach")) | Q(owner=OuterRef("candidate")), ~Exists(current), writes=True, failures=0
    )
    outlived = CalendarCopy.objects.filter(booking=OuterRef("pk"), removed_at=None, calendar__failures=0)
    due = ahead.filter(
        Q(Exists(taking), state=BookingState.CONFIRMED) | (Q(Exists(outlived)) & ~Q(state__in=STANDING))
    )
    return list(due.order_by("starts_at", "pk").values_list("pk", flat=True)[:BATCH])


def _mirror_into(calendar: ConnectedCalendar, appointment: Appointment, *, now: datetime) -> int:
    with alone("calendar copy", f"{calendar.pk}:{appointment.booking.pk}") as is_alone:
        if not is_alone:
            return 0
        try:
            return _mirror(calendar, appointment, now=now)
        except CalendarError as error:
            log.warning("calendar.not_written", calendar=calendar.pk, reason=error.message)
            return 0


def _mirror(calendar: ConnectedCalendar, appointment: Appointment, *, now: datetime) -> int:
    booking = appointment.booking
    copy = CalendarCopy.objects.filter(calendar=calendar, booking=booking, removed_at=None).first()
    if booking.state not in STANDING:
        return _take_out(calendar, copy, now=now) if copy else 0
    if not calendar.writes or (copy and copy.sequence == booking.sequence):
        return 0
    known = Written(copy.reference, copy.etag) if copy else None
    with opened(account_of(calendar)) as there:
        written = there.write(_entry(appointment, now=now), known)
    _record(calendar, booking, written, now=now)
    return 1


def _take_out(calendar: ConnectedCalendar, copy: CalendarCopy, *, now: datetime) -> int:
    with opened(account_of(calendar)) as there:
        there.remove(Written(copy.reference, copy.etag))
    CalendarCopy.objects.filter(pk=copy.pk).update(removed_at=now)
    return 1


def _record(calendar: ConnectedCalendar, booking: Booking, written: Written, *, now: datetime) -> None:
    with suppress(IntegrityError), transaction.atomic():  # it was disconnected meanwhile
        CalendarCopy.objects.update_or_create(
            calendar_id=calendar.pk,
            booking=booking,
            defaults={
                "reference": written.reference,
                "etag": written.etag,
                "sequence": booking.sequence,
                "written_at": now,
                "removed_at": None,
            },
        )


def _entry(appointment: Appointment, *, now: datetime) -> Entry:
    booking = appointment.booking
    event = appointment_event(appointment, stamp=now)
    return Entry(
        uid=str(booking.pk),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        title=appointment.title,
        description=str(event["DESCRIPTION"]),
        ical=Calendar.new(prodid=PRODUCT, subcomponents=[event]).to_ical(),
    )
