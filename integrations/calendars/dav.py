"""A calendar on a CalDAV server (RFC 4791), by the ``caldav`` library."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from caldav.davclient import DAVClient
from caldav.elements import dav

from integrations.calendars.errors import GONE, NOT_FOUND, ManyCalendarsError, UnreadableError, error_of
from integrations.calendars.events import MARGIN, busy_times
from integrations.calendars.gateway import Account, Busy, Entry, Question, Written
from integrations.web import Web

CALENDAR = "{urn:ietf:params:xml:ns:caldav}calendar"
WORST_SUCCESS = 299


class DavCalendar:
    """Read and written. The address is the calendar's own, or one from which exactly one is found."""

    def __init__(self, account: Account, web: Web) -> None:
        self._account = account
        # The library's own types do not tell its two ways of working apart.
        self._client: Any = DAVClient(
            url=account.address,
            username=account.username,
            password=account.secret,
            # Only the address that was given and checked, never one that a name server suggests.
            enable_rfc6764=False,
        )
        self._client.session.close()
        self._client.session = web
        self._found: Any = None

    @property
    def secret(self) -> str:
        return self._account.secret

    def address(self) -> str:
        """The calendar's own address, whatever address led to it.

        Raises:
            ManyCalendarsError: it led to several.
            UnreadableError: it led to none.
        """
        return str(self._calendar().url)

    def name(self) -> str:
        return _name_of(self._calendar())

    def read_busy(self, asked: Question) -> list[Busy]:
        # The server cannot know where the owner is, so it is asked for a day more on either side.
        found = self._calendar().search(
            event=True, start=asked.from_at - MARGIN, end=asked.to_at + MARGIN, post_filter=False
        )
        return sorted({busy for each in found for busy in busy_times(each.data, asked)})

    def write(self, entry: Entry, known: Written | None) -> Written:
        """Its name is made from the session's id, so it is one event however often it is written."""
        where = known.reference if known else urljoin(self.address(), f"{entry.uid}.ics")
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        answer = self._client.put(where, entry.ical.decode(), headers)
        if answer.status > WORST_SUCCESS:
            raise error_of(answer.status)
        return Written(where, str(answer.headers.get("ETag", "")))

    def remove(self, known: Written) -> None:
        status = self._client.delete(known.reference).status
        if status > WORST_SUCCESS and status not in {NOT_FOUND, GONE}:
            raise error_of(status)

    def _calendar(self) -> Any:
        if self._found is None:
            self._found = self._find()
        return self._found

    def _find(self) -> Any:
        here = self._client.calendar(url=str(self._client.url))
        if CALENDAR in _kinds_of(here):
            return here
        found = [each for each in self._client.principal().get_calendars() if _takes_events(each)]
        if not found:
            raise UnreadableError("There is no calendar at this address.")
        if len(found) > 1:
            raise ManyCalendarsError([(_name_of(each), str(each.url)) for each in found])
        return found[0]


def _kinds_of(calendar: Any) -> list[str]:
    properties: dict[str, Any] = calendar.get_properties([dav.ResourceType()])
    return properties.get(dav.ResourceType.tag) or []


def _name_of(calendar: Any) -> str:
    properties: dict[str, Any] = calendar.get_properties([dav.DisplayName()])
    return str(properties.get(dav.DisplayName.tag) or "")


def _takes_events(calendar: Any) -> bool:
    return "VEVENT" in calendar.get_supported_components()
