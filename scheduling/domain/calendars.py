"""Connecting a calendar and letting it go again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from core import audit
from core.errors import DomainError, InvalidError, NotFoundError
from core.locks import lock
from integrations.addresses import AddressRefusedError, checked_url
from integrations.calendars.adapters import opened
from integrations.calendars.errors import CalendarError, ManyCalendarsError, RefusedError
from integrations.calendars.gateway import Account
from integrations.sealing import seal
from scheduling.domain.syncing import Reading, account_of, announce_all, keep_reading, reading_of
from scheduling.models import ConnectedCalendar
from scheduling.states import CalendarKind

if TYPE_CHECKING:
    from accounts.models import User

MOST_CALENDARS = 10
LONGEST_NAME = 120
GIVEN_BY_ADDRESS = frozenset({CalendarKind.ICS, CalendarKind.CALDAV})
WRITABLE = frozenset({CalendarKind.CALDAV, CalendarKind.GOOGLE, CalendarKind.MICROSOFT})


class TooManyCalendarsError(DomainError):
    """Somebody has as many connected calendars as one person may."""

    code = "too_many_calendars"
    message = f"You can connect {MOST_CALENDARS} calendars. Disconnect one that you no longer need."


@dataclass(frozen=True)
class Connected:
    """The answer to a wish: the calendar, and whether it is a new one."""

    calendar: ConnectedCalendar
    is_new: bool


def connect(owner: User, wish: Account, *, now: datetime) -> Connected:
    """Read the calendar once, and keep it if that works. Twice is once, with the password given last.

    The first calendar that can be written to is where sessions are written. Talks to the network, so never
    inside a transaction.

    Raises:
        InvalidError: it cannot be read; says why at the field to be changed, and ``choices`` where the
            address leads to several calendars.
        TooManyCalendarsError: the person has enough of them.
    """
    try:
        with opened(replace(wish, address=_checked_address(wish))) as there:
            account = replace(wish, address=there.address())
            name = (there.name() or _host_of(account)).strip()[:LONGEST_NAME]
            reading = reading_of(there, owner, now=now)
    except (CalendarError, AddressRefusedError) as error:
        raise _invalid(wish, error) from error
    return _keep(owner, account, name, reading, now=now)


@transaction.atomic
def disconnect(calendar_id: int, *, by: User, now: datetime) -> None:
    """Forget a calendar, its secrets and what it said. Sessions written to it stay where they are.

    Raises:
        NotFoundError: not this person's.
    """
    calendar = _own(calendar_id, by)
    audit.record("calendar.disconnected", calendar, by=by, now=now)
    announce_all(calendar, now=now)
    calendar.delete()


@transaction.atomic
def write_sessions(calendar_id: int, *, writes: bool, by: User, now: datetime) -> ConnectedCalendar:
    """Say whether confirmed sessions are written to a calendar from now on.

    Raises:
        NotFoundError: not this person's.
        InvalidError: it can only be read.
    """
    calendar = _own(calendar_id, by)
    if writes and calendar.kind not in WRITABLE:
        raise InvalidError(fields={"writes": ["This calendar can only be read."]})
    if calendar.writes != writes:
        calendar.writes = writes
        calendar.save(update_fields=["writes"])
        audit.record("calendar.writes" if writes else "calendar.reads", calendar, by=by, now=now)
    return calendar


def _own(calendar_id: int, person: User) -> ConnectedCalendar:
    calendar = ConnectedCalendar.objects.select_for_update().filter(pk=calendar_id, owner=person).first()
    if calendar is None:
        raise NotFoundError
    return calendar


@transaction.atomic
def _keep(owner: User, account: Account, name: str, reading: Reading, *, now: datetime) -> Connected:
    # Pressed twice at once, the second waits here and finds what the first one made.
    lock("calendars", owner.pk)
    own = list(owner.connected_calendars.all())
    known = next((each for each in own if _is_the_same(each, account)), None)
    if known is None and len(own) >= MOST_CALENDARS:
        raise TooManyCalendarsError
    calendar = known or ConnectedCalendar(owner=owner, kind=account.kind, connected_at=now)
    calendar.name, calendar.address, calendar.username = name, seal(account.address), account.username
    calendar.secret = seal(reading.secret) if reading.secret else b""
    calendar.writes = calendar.writes or _writes_first(account.kind, own)
    calendar.save()
    audit.record("calendar.connected", calendar, by=owner, now=now)
    return Connected(keep_reading(calendar.pk, reading, now=now) or calendar, is_new=known is None)


def _checked_address(wish: Account) -> str:
    if wish.kind not in GIVEN_BY_ADDRESS:
        return wish.address
    address = checked_url(wish.address)
    if wish.secret and not (address.startswith("https://") or settings.ALLOW_PRIVATE_ADDRESSES):
        raise AddressRefusedError("A password is only sent to an address that begins with https://.")
    return address


def _writes_first(kind: str, own: list[ConnectedCalendar]) -> bool:
    """Sessions are written to the first calendar that takes them."""
    return kind in WRITABLE and not any(each.kind in WRITABLE for each in own)


def _is_the_same(calendar: ConnectedCalendar, account: Account) -> bool:
    if (calendar.kind, calendar.username) != (account.kind, account.username):
        return False
    try:
        return account_of(calendar).address == account.address
    except CalendarError:
        return False


def _host_of(account: Account) -> str:
    return urlsplit(account.address).hostname or account.kind.title()


def _invalid(wish: Account, error: CalendarError | AddressRefusedError) -> InvalidError:
    field = "password" if isinstance(error, RefusedError) and wish.username else "url"
    refusal = InvalidError(error.message, fields={field: [error.message]})
    if isinstance(error, ManyCalendarsError):
        refusal.extra["choices"] = [{"name": name, "url": url} for name, url in error.choices]
    return refusal
