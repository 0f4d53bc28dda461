"""Busy times in iCalendar data (RFC 5545): recurring, moved, cancelled, all-day, floating, in any zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

from integrations.calendars.errors import UNREADABLE, UnreadableError
from integrations.calendars.gateway import Busy, Question
from integrations.calendars.repeating import refuse_endless

MOST_BUSY_TIMES = 20_000
# An all-day event of the furthest zone begins or ends within a day of the question.
MARGIN = DAY = timedelta(days=1)
STRETCHING = {"DURATION", "RRULE", "RDATE"}
FREE_IN_OUTLOOK = {"FREE", "WORKINGELSEWHERE"}


def busy_times(data: bytes | str, asked: Question) -> list[Busy]:
    """The busy times of one or several VCALENDARs that overlap the question, in order.

    Not busy: what is cancelled, transparent, declined by its owner or has no length. An event that cannot be
    understood fails all of it: leaving it out would sell time that may not be free.

    Raises:
        UnreadableError: no calendar, an event that cannot be understood, or too many of them.
    """
    found: list[Busy] = []
    for busy in chain.from_iterable(_busy_of(calendar, asked) for calendar in parsed(data)):
        found.append(busy)
        if len(found) > MOST_BUSY_TIMES:
            raise UnreadableError("The calendar has too many events to be read.")
    return sorted(set(found))


def parsed(data: bytes | str) -> list[Calendar]:
    """The calendars in ``data``.

    Raises:
        UnreadableError: there is none, or it breaks the rules of the format.
    """
    text = data.decode("utf-8-sig", errors="replace") if isinstance(data, bytes) else data
    text = text.strip()
    # One that was cut off on its way would look as if the rest of it were free.
    if not (text.upper().startswith("BEGIN:VCALENDAR") and text.upper().endswith("END:VCALENDAR")):
        raise UnreadableError(UNREADABLE)
    try:
        return list(Calendar.from_ical(text, multiple=True))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise UnreadableError(UNREADABLE) from error


def title_of(data: bytes | str) -> str:
    """What a calendar calls itself; empty where it does not."""
    return next((str(calendar.get("X-WR-CALNAME", "")) for calendar in parsed(data)), "").strip()


def _busy_of(calendar: Calendar, asked: Question) -> Iterator[Busy]:
    # What says no time takes none, though the format asks for one.
    calendar.subcomponents = [each for each in calendar.subcomponents if not _is_timeless(each)]
    stretching = {_uid(event) for event in calendar.walk("VEVENT") if event.keys() & STRETCHING}
    for event in _occurrences(calendar, asked):
        if _is_busy(event, asked):
            start, end = _span(event, asked.zone, stretches=_uid(event) in stretching)
            yield from _within(start, end, _uid(event), asked)
    for component in calendar.walk("VFREEBUSY"):
        for start, end in _busy_periods(component):
            yield from _within(_instant(start, asked.zone), _instant(end, asked.zone), _uid(component), asked)


def _is_timeless(component: Component) -> bool:
    return component.name == "VEVENT" and "DTSTART" not in component


def _uid(component: Component) -> str:
    return str(component.get("UID", ""))


def _occurrences(calendar: Calendar, asked: Question) -> list[Component]:
    try:
        refuse_endless(calendar, asked.from_at - MARGIN, asked.to_at + MARGIN)
        query = recurring_ical_events.of(calendar)
        return list(query.between(asked.from_at - MARGIN, asked.to_at + MARGIN))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise UnreadableError("An event of the calendar cannot be understood.") from error


def _is_busy(event: Component, asked: Question) -> bool:
    return not (
        str(event.get("STATUS", "")).upper() == "CANCELLED"
        or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in FREE_IN_OUTLOOK
        or _is_declined(event, asked.addresses)
    )


def _is_declined(event: Any, addresses: frozenset[str]) -> bool:
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        address = str(attendee).lower().removeprefix("mailto:")
        if address in addresses and attendee.params.get("PARTSTAT", "").upper() == "DECLINED":
            return True
    return False


def _span(event: Any, zone: ZoneInfo, *, stretches: bool) -> tuple[datetime, datetime]:
    first, last = event["DTSTART"].dt, event["DTEND"].dt
    if not isinstance(first, datetime) and last <= first:
        # Some programs end a day on the day itself.
        last = first + DAY
    start, end = _instant(first, zone), _instant(last, zone)
    if isinstance(first, datetime) and first.tzinfo == last.tzinfo and (stretches or end <= start):
        # Where the clocks change in between, programs differ on whether the length or the end on the clock
        # stands: it is busy in both readings.
        end = max(end, start + (last.replace(tzinfo=None) - first.replace(tzinfo=None)))
    return start, end


def _busy_periods(component: Any) -> Iterator[tuple[datetime, datetime]]:
    periods = component.get("FREEBUSY", [])
    for period in periods if isinstance(periods, list) else [periods]:
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            yield period.start, period.end


def _instant(moment: date, zone: ZoneInfo) -> datetime:
    """In UTC: a date is its midnight, and a time without a zone is read, where the owner is."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC)


def _within(start: datetime, end: datetime, uid: str, asked: Question) -> Iterator[Busy]:
    if start < end and start < asked.to_at and asked.from_at < end:
        yield Busy(start, end, uid)
