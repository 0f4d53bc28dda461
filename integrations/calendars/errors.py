"""What can go wrong on the way to a calendar elsewhere, in words for the person it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from caldav.lib.error import AuthorizationError, DAVError, NotFoundError, RateLimitError
from lxml.etree import LxmlError

from core.log import get_logger
from integrations.addresses import AddressRefusedError
from integrations.web import TooMuchError, TooSlowError

log = get_logger(__name__)

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, GONE, TOO_MANY = 401, 403, 404, 409, 410, 429


class CalendarError(Exception):
    """A calendar did not give what was asked. ``message`` tells its owner what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RefusedError(CalendarError):
    """The calendar does not let us in."""


class UnreachableError(CalendarError):
    """Nobody answers, or not in time: it may be different in a moment."""


class UnreadableError(CalendarError):
    """Something answers, but no calendar that we can read."""


class PrivateError(CalendarError):
    """The address leads where we do not call."""


class ManyCalendarsError(CalendarError):
    """There are several calendars at the address. ``choices``: pairs of name and address."""

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__("There are several calendars at this address. Please choose one.")
        self.choices = choices


REFUSED = "The calendar does not let us in. Check its address, user name and password."
MISSING = "There is no calendar at this address."
UNREACHABLE = "The calendar does not answer."
UNREADABLE = "What answers at this address is no calendar."

# What the libraries stumble with over an answer that is nothing like a calendar's.
_STUMBLES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Whatever a library throws becomes one of the errors above."""
    try:
        yield
    except AddressRefusedError as error:
        raise PrivateError(error.message) from error
    except (requests.RequestException, DAVError, LxmlError) as error:
        raise _translated(error) from error
    except _STUMBLES as error:
        # Its type alone: its words may quote an address or a password.
        log.warning("calendar.not_understood", error=type(error).__name__)
        raise UnreadableError(UNREADABLE) from error


def refuse_failure(answer: requests.Response) -> requests.Response:
    """The answer of a calendar over HTTP, if it is one.

    Raises:
        CalendarError: by its status.
    """
    if answer.ok:
        return answer
    raise error_of(answer.status_code)


def error_of(status: int) -> CalendarError:
    """What an HTTP status means for the owner."""
    if status in {UNAUTHORIZED, FORBIDDEN}:
        return RefusedError(REFUSED)
    if status in {NOT_FOUND, GONE}:
        return UnreadableError(MISSING)
    if status == TOO_MANY or status >= requests.codes.server_error:
        return UnreachableError(UNREACHABLE)
    return UnreadableError(UNREADABLE)


def _translated(error: Exception) -> CalendarError:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return error_of(status)
    for kinds, ours, message in _IN_OUR_WORDS:
        if isinstance(error, kinds):
            return ours(message)
    return UnreadableError(UNREADABLE)


_IN_OUR_WORDS: list[tuple[tuple[type[Exception], ...], type[CalendarError], str]] = [
    ((TooMuchError,), UnreadableError, "The calendar is too large to be read."),
    ((TooSlowError,), UnreachableError, "The calendar takes too long to answer."),
    ((requests.exceptions.SSLError,), UnreachableError, "The calendar’s certificate is not valid."),
    ((requests.ConnectionError, requests.Timeout, RateLimitError), UnreachableError, UNREACHABLE),
    ((AuthorizationError,), RefusedError, REFUSED),
    ((NotFoundError,), UnreadableError, MISSING),
]
