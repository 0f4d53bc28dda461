"""Which adapter reads which kind of calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integrations.calendars.dav import DavCalendar
from integrations.calendars.errors import in_our_words
from integrations.calendars.gateway import Account, CalendarGateway
from integrations.calendars.google import GoogleCalendar
from integrations.calendars.ics import IcsCalendar
from integrations.calendars.microsoft import MicrosoftCalendar
from integrations.web import MOST_SECONDS, Web

ADAPTERS: dict[str, Callable[[Account, Web], CalendarGateway]] = {
    "ics": IcsCalendar,
    "caldav": DavCalendar,
    "google": GoogleCalendar,
    "microsoft": MicrosoftCalendar,
}


@contextmanager
def opened(account: Account, *, seconds: float = MOST_SECONDS) -> Iterator[CalendarGateway]:
    """The calendar of an account, for one errand of so many seconds.

    Raises:
        CalendarError: from anything that is asked of it.
    """
    with Web(seconds) as web, in_our_words():
        yield ADAPTERS[account.kind](account, web)
