"""iCalendar text as programs write it: lines end in CR LF, events have a stamp."""

from __future__ import annotations


def calendar(*events, name="", head=()):
    """A VCALENDAR of events, each a list of lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tests//EN", *head]
    if name:
        lines.append(f"X-WR-CALNAME:{name}")
    for event in events:
        lines += ["BEGIN:VEVENT", "DTSTAMP:20261001T000000Z", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def event(starts_at, ends_at, uid="meeting", *more):
    """The lines of an event between two instants."""
    return [f"UID:{uid}", f"DTSTART:{stamp(starts_at)}", f"DTEND:{stamp(ends_at)}", "SUMMARY:Meeting", *more]


def stamp(instant):
    return f"{instant:%Y%m%dT%H%M%SZ}"
