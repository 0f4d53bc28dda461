"""The interface that all calendars elsewhere share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Account:
    """How to get into a calendar of a kind (a key of ADAPTERS); ``secret`` is a password or a token."""

    kind: str
    address: str
    username: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Question:
    """Busy when? Between two instants; ``zone`` is where its owner is when a time says nothing about that.

    ``addresses`` are the owner's e-mail addresses: an invitation that he declined is not his.
    """

    from_at: datetime
    to_at: datetime
    zone: ZoneInfo
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, order=True)
class Busy:
    """Instants in UTC, half-open, and the event's own id."""

    starts_at: datetime
    ends_at: datetime
    uid: str = ""


@dataclass(frozen=True)
class Entry:
    """A session as it stands in somebody's calendar. ``uid`` stays the same for its life.

    ``ical`` is the whole of it as a server keeps it: without METHOD (RFC 4791, 4.1), and without people, whom
    a server would write to.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    description: str
    ical: bytes


@dataclass(frozen=True)
class Written:
    """An entry's name over there, and the version that we know."""

    reference: str
    etag: str = ""


class CalendarGateway(Protocol):
    """One calendar of one person. Every call talks to the network and may raise a CalendarError."""

    @property
    def secret(self) -> str:
        """What lets us in; another one than before where the provider renewed it."""

    def address(self) -> str:
        """Its own address, whatever address led to it."""

    def name(self) -> str:
        """What its owner calls it; empty where it does not say."""

    def read_busy(self, asked: Question) -> list[Busy]:
        """All busy times that overlap the question, in order."""

    def write(self, entry: Entry, known: Written | None) -> Written:
        """Make the entry what it is now; ``known`` is what was written before. Twice is once."""

    def remove(self, known: Written) -> None:
        """Take it out. What is not there any more is gone, too."""
